using System.Buffers.Binary;
using System.Diagnostics;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>An open torrent of the piece cache: which pieces are here, readable without a lock, and the torrent's event receiver.</summary>
internal sealed class TorrentView
{
    private readonly Lock _lock;
    private readonly IPieceEvents _events;
    private readonly ulong[] _readable;
    private readonly ulong[] _stored;
    private int _storedCount;
    private int _closed;

    public TorrentView(Lock @lock, CachedTorrent torrent, TorrentInfo info, IPieceEvents events)
    {
        _lock = @lock;
        _events = events;
        Torrent = torrent;
        Info = info;
        var words = (info.Layout.PieceCount + 63) / 64;
        _readable = new ulong[words];
        _stored = new ulong[words];
    }

    public CachedTorrent Torrent { get; }

    public TorrentInfo Info { get; }

    /// <summary>Is to be told when space becomes free. Guarded by the cache's lock.</summary>
    public bool WaitsForSpace { get; set; }

    /// <summary>What was refused last, so that asking again is cheap until something changes. Guarded by the cache's lock.</summary>
    public (long Version, SpaceNeed Need, int Parts) Refusal { get; set; } = (-1, SpaceNeed.Ahead, 0);

    /// <summary>Whether that was memory, or others were served first when memory was what they lacked. Guarded by the cache's lock.</summary>
    public bool LacksMemory { get; set; }

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

    /// <summary>No event is passed on any more. True: this call closed it.</summary>
    public bool TryClose()
    {
        return Interlocked.Exchange(ref _closed, 1) == 0;
    }

    /// <summary>Changes the have-maps; those who read them without the lock see whole words.</summary>
    public void Mark(int piece, bool readable, bool stored)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        Set(_readable, piece, readable);
        if (IsStored(piece) != stored)
        {
            Set(_stored, piece, stored);
            Volatile.Write(ref _storedCount, _storedCount + (stored ? 1 : -1));
        }
    }

    /// <summary>Passes an event on, with no lock held.</summary>
    public void Raise(PieceEventKind kind, int piece)
    {
        if (Volatile.Read(ref _closed) != 0)
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
            case PieceEventKind.SpaceFreed:
                _events.SpaceFreed();
                break;
            case PieceEventKind.SpaceWanted:
                _events.SpaceWanted(isOverdue: false);
                break;
            case PieceEventKind.SpaceOverdue:
                _events.SpaceWanted(isOverdue: true);
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
