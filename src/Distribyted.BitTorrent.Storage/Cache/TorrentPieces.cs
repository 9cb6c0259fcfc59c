using System.Buffers.Binary;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>One open torrent of the piece cache: have-maps that are read without a lock, and the door to everything else.</summary>
internal sealed class TorrentPieces : ITorrentPieces
{
    private readonly PieceCache _cache;
    private readonly IPieceEvents _events;
    private readonly ulong[] _readable;
    private readonly ulong[] _stored;
    private int _storedCount;
    private int _disposed;

    public TorrentPieces(PieceCache cache, CachedTorrent torrent, TorrentInfo info, IPieceEvents events)
    {
        _cache = cache;
        _events = events;
        Torrent = torrent;
        Info = info;
        var words = (info.Layout.PieceCount + 63) / 64;
        _readable = new ulong[words];
        _stored = new ulong[words];
    }

    public CachedTorrent Torrent { get; }

    public TorrentInfo Info { get; }

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Wants to hear of room. Guarded by the cache's lock.</summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>What was refused last, so that asking again is cheap until something changes. Guarded by the cache's lock.</summary>
    public (long Version, RoomNeed Need, int Parts) Refusal { get; set; } = (-1, RoomNeed.Ahead, 0);

    public int StoredCount => Volatile.Read(ref _storedCount);

    public bool Has(int piece)
    {
        return (Volatile.Read(ref _readable[piece >> 6]) & (1UL << (piece & 63))) != 0;
    }

    public bool IsStored(int piece)
    {
        return (Volatile.Read(ref _stored[piece >> 6]) & (1UL << (piece & 63))) != 0;
    }

    public void CopyStored(Span<byte> bitfield)
    {
        Span<byte> word = stackalloc byte[8];
        for (var i = 0; i * 8 < bitfield.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Volatile.Read(ref _stored[i]));
            var bytes = bitfield[(i * 8)..];
            for (var j = 0; j < Math.Min(8, bytes.Length); j++)
            {
                bytes[j] = Reverse(word[j]);
            }
        }
    }

    public PieceOpening TryOpen(int piece, bool urgent)
    {
        return _cache.TryOpen(this, piece, urgent);
    }

    public ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return Has(piece) ? _cache.ReadAsync(this, piece, offset, destination, cancellationToken) : new ValueTask<int>(0);
    }

    public PinnedBytes Lend(int piece, int offset, int most)
    {
        return Has(piece) ? _cache.Lend(this, piece, offset, most) : default;
    }

    public void Touch(int piece)
    {
        _cache.Touch(this, piece);
    }

    public void SetWindow(long reader, int first, int last, int place = -1)
    {
        _cache.SetWindow(this, reader, first, last, place);
    }

    public void ClearWindow(long reader)
    {
        _cache.ClearWindow(this, reader);
    }

    public void Pin(int piece)
    {
        _cache.Pin(this, piece);
    }

    public void Unpin(int piece)
    {
        _cache.Unpin(this, piece);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _cache.Detach(this);
        }
    }

    /// <summary>Changes the have-maps. Guarded by the cache's lock; readers see whole words.</summary>
    public void Mark(int piece, bool readable, bool stored)
    {
        Set(_readable, piece, readable);
        if (IsStored(piece) != stored)
        {
            Set(_stored, piece, stored);
            Volatile.Write(ref _storedCount, _storedCount + (stored ? 1 : -1));
        }
    }

    public void Raise(PieceEventKind kind, int piece)
    {
        if (IsDisposed)
        {
            return;
        }

        switch (kind)
        {
            case PieceEventKind.Stored:
                _events.PieceStored(piece);
                break;
            case PieceEventKind.Gone:
                _events.PieceGone(piece);
                break;
            case PieceEventKind.RoomFreed:
                _events.RoomFreed();
                break;
            case PieceEventKind.RoomWanted:
                _events.RoomWanted(isOverdue: false);
                break;
            case PieceEventKind.RoomOverdue:
                _events.RoomWanted(isOverdue: true);
                break;
        }
    }

    private static void Set(ulong[] map, int piece, bool value)
    {
        var bit = 1UL << (piece & 63);
        var word = map[piece >> 6];
        Volatile.Write(ref map[piece >> 6], value ? word | bit : word & ~bit);
    }

    /// <summary>BEP 3 counts from the highest bit.</summary>
    private static byte Reverse(byte b)
    {
        b = (byte)(((b & 0xF0) >> 4) | ((b & 0x0F) << 4));
        b = (byte)(((b & 0xCC) >> 2) | ((b & 0x33) << 2));
        return (byte)(((b & 0xAA) >> 1) | ((b & 0x55) << 1));
    }
}
