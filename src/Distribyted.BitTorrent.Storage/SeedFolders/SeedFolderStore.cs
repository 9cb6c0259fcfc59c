using System.Buffers;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.SeedFolders;

/// <summary>The files of a shared folder as the pieces of its torrent. Read-only: nothing is ever opened for filling.</summary>
/// <remarks>
/// Pieces whose files have the right lengths count as stored. A piece is hashed before its first byte is given, and again when the length or a
/// time of one of its files changed. One that is wrong, or cannot be read, is gone until it is right again: every 30 s one that is missing is looked
/// at, and all others when that one is back.
/// </remarks>
internal sealed class SeedFolderStore : ITorrentPieces
{
    private const int MaxRead = 256 * 1024;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly SemaphoreSlim Reads = new(16); // as the piece cache

    private readonly TorrentInfo _info;
    private readonly IPieceEvents _events;
    private readonly Action<int>? _piecesMissing;
    private readonly Action<int>? _pieceChanged;
    private readonly ITimer _lookAgain;
    private readonly SeedFile[] _files;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly bool[] _stored;
    private readonly long[] _confirmed; // the version of its files with which a piece was right; 0: never
    private readonly Dictionary<int, Task> _checks = [];
    private readonly Queue<int> _missing = new(); // in the order in which they are looked at again
    private int _storedCount;

    /// <param name="info">The torrent that was made of the folder.</param>
    /// <param name="folder">Its root: the paths of the torrent's files begin here.</param>
    /// <param name="events">Told of pieces that turn out to be wrong, and of those that are right again.</param>
    /// <param name="piecesMissing">Told how many pieces cannot be given now; 0: all can.</param>
    /// <param name="pieceChanged">Told of a piece that can be read and has other bytes than when it was hashed.</param>
    /// <param name="time">For looking again; null: the system's.</param>
    /// <param name="logger">Told of unexpected errors.</param>
    public SeedFolderStore(
        TorrentInfo info,
        string folder,
        IPieceEvents events,
        Action<int>? piecesMissing = null,
        Action<int>? pieceChanged = null,
        TimeProvider? time = null,
        ILogger? logger = null
    )
    {
        _info = info;
        _events = events;
        _piecesMissing = piecesMissing;
        _pieceChanged = pieceChanged;
        _lookAgain = Background.CreateTimer(
            time ?? TimeProvider.System,
            "timer of a shared folder",
            logger ?? NullLogger.Instance,
            LookAgain
        );
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
        for (var piece = 0; piece < _stored.Length; piece++)
        {
            if (!_stored[piece])
            {
                Miss(piece);
            }
        }
    }

    /// <summary>How a piece was found.</summary>
    private enum Found
    {
        Right,
        Changed,
        Unreadable,
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

    public PieceOpening TryOpen(int piece, bool urgent)
    {
        return default;
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

    /// <summary>Pins nothing: other programs may write into these files while the kernel still sends.</summary>
    public PinnedBytes PinBytes(int piece, int offset, int most)
    {
        return default;
    }

    public void Touch(int piece) { }

    public void SetWindow(long reader, int first, int last, int position = -1) { }

    public void ClearWindow(long reader) { }

    public void Pin(int piece) { }

    public void Unpin(int piece) { }

    public void Dispose()
    {
        _lookAgain.Dispose();
    }

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

    private bool Check(int piece)
    {
        var version = VersionOf(piece);
        var found = version < 0 ? Found.Unreadable : Look(piece);
        if (found == Found.Right && VersionOf(piece) != version)
        {
            found = Found.Unreadable; // being written right now
        }

        bool wasStored;
        int missing;
        lock (_gate)
        {
            _checks.Remove(piece);
            wasStored = _stored[piece];
            _stored[piece] = found == Found.Right;
            _confirmed[piece] = found == Found.Right ? version : 0;
            _storedCount += (_stored[piece] ? 1 : 0) - (wasStored ? 1 : 0);
            missing = _stored.Length - _storedCount;
            if (wasStored && found != Found.Right)
            {
                Miss(piece);
            }
        }

        if (wasStored != (found == Found.Right))
        {
            Tell(piece, found, missing);
        }

        return found == Found.Right;
    }

    private void Tell(int piece, Found found, int missing)
    {
        if (found == Found.Right)
        {
            _events.PieceStored(piece);
        }
        else
        {
            _events.PieceGone(piece);
        }

        if (found == Found.Changed)
        {
            _pieceChanged?.Invoke(piece);
        }

        _piecesMissing?.Invoke(missing);
    }

    /// <summary>Called under the lock, or by the constructor.</summary>
    private void Miss(int piece)
    {
        _missing.Enqueue(piece);
        if (_missing.Count == 1)
        {
            _lookAgain.Change(LookAgainAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Up to the first piece that is still missing: a disk that is gone is asked once.</summary>
    private void LookAgain()
    {
        try
        {
            for (var isBack = true; isBack; )
            {
                int piece;
                lock (_gate)
                {
                    if (!_missing.TryPeek(out piece))
                    {
                        return;
                    }
                }

                isBack = Check(piece);
                lock (_gate)
                {
                    _missing.Dequeue();
                    if (!isBack)
                    {
                        _missing.Enqueue(piece);
                    }
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                if (_missing.Count > 0)
                {
                    _lookAgain.Change(LookAgainAfter, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    private Found Look(int piece)
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
                    return Found.Unreadable;
                }

                hasher.Append(span);
                done += span.Length;
            }

            var expected = _info.PieceHashes.Span.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes);
            return hasher.Matches(expected) ? Found.Right : Found.Changed;
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
