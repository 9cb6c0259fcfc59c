using System.Buffers;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Pieces;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Storage;

/// <summary>The files of a shared folder as the pieces of its torrent. Read-only: nothing is ever opened for filling.</summary>
/// <remarks>
/// Pieces whose files have the right lengths count as stored. A piece is hashed before its first byte is given, and again when the length or the
/// time of one of its files changed; one that is wrong is gone until the folder is opened anew.
/// </remarks>
internal sealed class SeedFolderStore : ITorrentPieces
{
    private const int MaxRead = 256 * 1024;

    private static readonly SemaphoreSlim Reads = new(16); // as the piece cache

    private readonly TorrentInfo _info;
    private readonly IPieceEvents _events;
    private readonly SeedFile[] _files;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly bool[] _stored;
    private readonly long[] _confirmed; // the version of its files with which a piece was right; 0: never
    private readonly Dictionary<int, Task> _checks = [];
    private int _storedCount;

    /// <param name="info">The torrent that was made of the folder.</param>
    /// <param name="folder">Its root: the paths of the torrent's files begin here.</param>
    /// <param name="events">Told of pieces that turn out to be wrong.</param>
    public SeedFolderStore(TorrentInfo info, string folder, IPieceEvents events)
    {
        _info = info;
        _events = events;
        _files = [.. info.Files.Where(file => file.Length > 0).Select(file => new SeedFile(file, Path.Combine([folder, .. file.Path])))];
        _stored = new bool[info.Layout.PieceCount];
        _confirmed = new long[info.Layout.PieceCount];
        Array.Fill(_stored, true);
        foreach (var file in _files)
        {
            if (file.Refresh() < 0)
            {
                var last = info.Layout.PieceAt(file.File.Offset + file.File.Length - 1);
                for (var piece = info.Layout.PieceAt(file.File.Offset); piece <= last; piece++)
                {
                    _stored[piece] = false;
                }
            }
        }

        _storedCount = _stored.Count(stored => stored);
    }

    public int StoredCount
    {
        get
        {
            lock (_gate)
            {
                return _storedCount;
            }
        }
    }

    public bool Has(int piece)
    {
        return IsStored(piece);
    }

    public bool IsStored(int piece)
    {
        lock (_gate)
        {
            return _stored[piece];
        }
    }

    public void CopyStored(Span<byte> bitfield)
    {
        bitfield.Clear();
        lock (_gate)
        {
            for (var i = 0; i < _stored.Length; i++)
            {
                if (_stored[i])
                {
                    bitfield[i >> 3] |= (byte)(0x80 >> (i & 7));
                }
            }
        }
    }

    public OpenPiece? TryOpen(int piece, bool urgent)
    {
        return null;
    }

    public async ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!IsStored(piece))
        {
            return 0;
        }

        if (!Reads.Wait(0, cancellationToken))
        {
            await Reads.WaitAsync(cancellationToken);
        }

        try
        {
            var count = Math.Min(Math.Min(destination.Length, MaxRead), _info.Layout.LengthOf(piece) - offset);
            var start = _info.Layout.StartOf(piece) + offset;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var version = VersionOf(piece);
                if (version >= 0 && IsConfirmed(piece, version))
                {
                    if (!TryRead(start, destination.Span[..count]))
                    {
                        Doubt(piece, version); // a file may become unreadable with its length and time as they were
                    }
                    else if (VersionOf(piece) == version)
                    {
                        return count;
                    }
                }
                else
                {
                    await CheckAsync(piece).WaitAsync(cancellationToken);
                }

                if (!IsStored(piece))
                {
                    return 0;
                }
            }
        }
        finally
        {
            Reads.Release();
        }
    }

    /// <summary>Lends nothing: these files are other people's, who may write into them while the kernel still sends.</summary>
    public PieceLoan Lend(int piece, int offset, int most)
    {
        return default;
    }

    public void Touch(int piece) { }

    public void SetWindow(long reader, int first, int last, int place = -1) { }

    public void ClearWindow(long reader) { }

    public void Pin(int piece) { }

    public void Unpin(int piece) { }

    public void Dispose() { }

    private bool IsConfirmed(int piece, long version)
    {
        lock (_gate)
        {
            return _confirmed[piece] == version;
        }
    }

    /// <summary>The next look at the piece hashes it again.</summary>
    private void Doubt(int piece, long version)
    {
        lock (_gate)
        {
            if (_confirmed[piece] == version)
            {
                _confirmed[piece] = 0;
            }
        }
    }

    private Task CheckAsync(int piece)
    {
        lock (_gate)
        {
            if (!_checks.TryGetValue(piece, out var check))
            {
                check = Task.Run(() => Check(piece));
                _checks.Add(piece, check);
            }

            return check;
        }
    }

    private void Check(int piece)
    {
        var version = VersionOf(piece);
        var isRight = version >= 0 && IsRight(piece) && VersionOf(piece) == version;
        var isGone = false;
        lock (_gate)
        {
            _checks.Remove(piece);
            if (isRight)
            {
                _confirmed[piece] = version;
            }
            else if (_stored[piece])
            {
                _stored[piece] = false;
                _storedCount--;
                isGone = true;
            }
        }

        if (isGone)
        {
            _events.PieceGone(piece);
        }
    }

    private bool IsRight(int piece)
    {
        var length = _info.Layout.LengthOf(piece);
        var start = _info.Layout.StartOf(piece);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(MaxRead, length));
        var hasher = PieceHasher.Rent();
        try
        {
            for (var done = 0; done < length; )
            {
                var span = buffer.AsSpan(0, Math.Min(buffer.Length, length - done));
                if (!TryRead(start + done, span))
                {
                    return false;
                }

                hasher.Append(span);
                done += span.Length;
            }

            return hasher.Matches(_info.PieceHashes.Span.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes));
        }
        finally
        {
            PieceHasher.Return(hasher);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Grows with each change of one of the piece's files; -1: a file is not as the torrent says.</summary>
    private long VersionOf(int piece)
    {
        var start = _info.Layout.StartOf(piece);
        var end = start + _info.Layout.LengthOf(piece);
        var version = 1L;
        for (var i = IndexOf(start); i < _files.Length && _files[i].File.Offset < end; i++)
        {
            var one = _files[i].Refresh();
            if (one < 0)
            {
                return -1;
            }

            version += one;
        }

        return version;
    }

    private bool TryRead(long start, Span<byte> destination)
    {
        for (var i = IndexOf(start); destination.Length > 0; i++)
        {
            var file = _files[i].File;
            var at = start - file.Offset;
            var count = (int)Math.Min(destination.Length, file.Length - at);
            if (!_files[i].TryRead(at, destination[..count]))
            {
                return false;
            }

            start += count;
            destination = destination[count..];
        }

        return true;
    }

    /// <summary>The first file that ends after this byte.</summary>
    private int IndexOf(long start)
    {
        var low = 0;
        var high = _files.Length - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_files[middle].File.Offset + _files[middle].File.Length <= start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
