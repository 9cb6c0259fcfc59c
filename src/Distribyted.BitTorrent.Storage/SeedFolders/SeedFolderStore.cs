using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.SeedFolders;

/// <summary>The files of a shared folder as the pieces of its torrent. Read-only: nothing is ever opened for filling.</summary>
/// <remarks>
/// Pieces whose files have the right lengths count as stored. A piece is hashed before its first byte is given, and again when the length or a
/// time of one of its files changed. One that is wrong, or cannot be read, is gone until it is right again: every 30 s one that is missing is
/// checked, and all others when that one is back.
/// </remarks>
internal sealed class SeedFolderStore : ITorrentPieces
{
    private const int MaxRead = 256 * 1024;
    private static readonly TimeSpan CheckAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly SemaphoreSlim Reads = new(16); // as the piece cache

    private readonly TorrentInfo _info;
    private readonly IPieceEvents _events;
    private readonly Action<int>? _piecesMissing;
    private readonly Action<int>? _pieceChanged;
    private readonly ITimer _checkAgain;
    private readonly SeedFiles _files;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly bool[] _stored;
    private readonly long[] _confirmed; // the version of its files with which a piece was right; 0: never
    private readonly Dictionary<int, Task> _checks = [];
    private readonly Queue<int> _missing = new(); // in the order in which they are checked again
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
        _checkAgain = Background.CreateTimer(
            time ?? TimeProvider.System,
            "timer of a shared folder",
            logger ?? NullLogger.Instance,
            CheckMissing
        );
        _files = new SeedFiles(info, folder);
        _stored = new bool[info.Layout.PieceCount];
        _confirmed = new long[info.Layout.PieceCount];
        Array.Fill(_stored, true);
        foreach (var piece in _files.FindMissingPieces())
        {
            _stored[piece] = false;
        }

        _storedCount = _stored.Count(stored => stored);
        for (var piece = 0; piece < _stored.Length; piece++)
        {
            if (!_stored[piece])
            {
                AddMissing(piece);
            }
        }
    }

    public int StoredCount
    {
        get
        {
            lock (_lock)
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
        lock (_lock)
        {
            return _stored[piece];
        }
    }

    public void CopyStored(Span<byte> bitfield)
    {
        bitfield.Clear();
        lock (_lock)
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
                var version = _files.VersionOf(piece);
                if (version >= 0 && IsConfirmed(piece, version))
                {
                    if (!_files.TryRead(start, destination.Span[..count]))
                    {
                        Doubt(piece, version); // a file may become unreadable with its length and time as they were
                    }
                    else if (_files.VersionOf(piece) == version)
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

    /// <inheritdoc/>
    public void Doubt()
    {
        lock (_lock)
        {
            _confirmed.AsSpan().Clear();
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
        _checkAgain.Dispose();
    }

    private bool IsConfirmed(int piece, long version)
    {
        lock (_lock)
        {
            return _confirmed[piece] == version;
        }
    }

    /// <summary>The piece is hashed again before its next bytes are given.</summary>
    private void Doubt(int piece, long version)
    {
        lock (_lock)
        {
            if (_confirmed[piece] == version)
            {
                _confirmed[piece] = 0;
            }
        }
    }

    private Task CheckAsync(int piece)
    {
        lock (_lock)
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
        var version = _files.VersionOf(piece);
        var found = version < 0 ? SeedPieceState.Unreadable : _files.Check(piece);
        if (found == SeedPieceState.Right && _files.VersionOf(piece) != version)
        {
            found = SeedPieceState.Unreadable; // being written right now
        }

        bool wasStored;
        int missing;
        lock (_lock)
        {
            _checks.Remove(piece);
            wasStored = _stored[piece];
            _stored[piece] = found == SeedPieceState.Right;
            _confirmed[piece] = found == SeedPieceState.Right ? version : 0;
            _storedCount += (_stored[piece] ? 1 : 0) - (wasStored ? 1 : 0);
            missing = _stored.Length - _storedCount;
            if (wasStored && found != SeedPieceState.Right)
            {
                AddMissing(piece);
            }
        }

        if (wasStored != (found == SeedPieceState.Right))
        {
            Notify(piece, found, missing);
        }

        return found == SeedPieceState.Right;
    }

    private void Notify(int piece, SeedPieceState found, int missing)
    {
        if (found == SeedPieceState.Right)
        {
            _events.PieceStored(piece);
        }
        else
        {
            _events.PieceGone(piece);
        }

        if (found == SeedPieceState.Changed)
        {
            _pieceChanged?.Invoke(piece);
        }

        _piecesMissing?.Invoke(missing);
    }

    /// <summary>Queues a piece for the next check. Under the lock, or in the constructor.</summary>
    private void AddMissing(int piece)
    {
        _missing.Enqueue(piece);
        if (_missing.Count == 1)
        {
            _checkAgain.Change(CheckAgainAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Checks missing pieces up to the first that is still missing: a disk that is gone is asked once.</summary>
    private void CheckMissing()
    {
        try
        {
            for (var isBack = true; isBack; )
            {
                int piece;
                lock (_lock)
                {
                    if (!_missing.TryPeek(out piece))
                    {
                        return;
                    }
                }

                isBack = Check(piece);
                lock (_lock)
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
            lock (_lock)
            {
                if (_missing.Count > 0)
                {
                    _checkAgain.Change(CheckAgainAfter, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}
