using System.Diagnostics;
using System.Threading.Channels;
using Distribyted.BitTorrent.Storage.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Brings verified pieces to disk, in this order: reserved slots are written, then the journal says so, then the piece counts as stored.</summary>
/// <remarks>
/// Two writers write slots; one keeper appends to the journal in batches and replaces it when it has become long. The queues need no limit of their
/// own: every piece in them holds its piece memory. An exception ends the piece or the batch that it came from and nothing else: a writer that stopped
/// would let the piece memory fill up, and nothing would be fetched any more.
/// </remarks>
internal sealed class JournalKeeper
{
    private const int Writers = 2; // a page-cache write is a memory copy; more writers only wait for the file's lock
    private const int MaxBatch = 1024; // records: bounds how far the journal may overshoot between snapshots

    private readonly Lock _lock;
    private readonly CacheIndex _index;
    private readonly GroupFiles _files;
    private readonly SlabJournal _journal;
    private readonly JournalWriter _records;
    private readonly DiskState _disk;
    private readonly SpaceWaiters _space;
    private readonly IWriteOutcome _outcome;
    private readonly ILogger _logger;
    private readonly Channel<RamPiece> _pieces = Channel.CreateUnbounded<RamPiece>();
    private readonly Channel<JournalEntry> _entries = Channel.CreateUnbounded<JournalEntry>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task[] _writers = new Task[Writers];
    private readonly Task _keeper;

    private readonly List<JournalEntry> _missed = []; // entries that the journal did not take; guarded by _lock

    public JournalKeeper(
        Lock @lock,
        CacheIndex index,
        GroupFiles files,
        SlabJournal journal,
        JournalWriter records,
        DiskState disk,
        SpaceWaiters space,
        IWriteOutcome outcome,
        ILogger logger
    )
    {
        _lock = @lock;
        _index = index;
        _files = files;
        _journal = journal;
        _records = records;
        _disk = disk;
        _space = space;
        _outcome = outcome;
        _logger = logger;
        for (var i = 0; i < Writers; i++)
        {
            _writers[i] = Background.Run("writer of the piece cache", logger, WriteAsync);
        }

        _keeper = Background.Run("journal keeper of the piece cache", logger, KeepAsync);
    }

    /// <summary>Queues a verified piece, in state <see cref="RamState.Waiting"/> and with slots, for writing.</summary>
    public void Write(RamPiece piece)
    {
        _pieces.Writer.TryWrite(piece);
    }

    /// <summary>Queues an entry. The order of calls is the order in the journal.</summary>
    public void Record(in JournalEntry entry)
    {
        _entries.Writer.TryWrite(entry);
    }

    /// <summary>Queues what the journal did not take when the disk was full.</summary>
    public void RecordMissed()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_missed.Count > 0)
        {
            Record(JournalEntry.ForDropped([])); // writes no record itself; what was missed goes before it
        }
    }

    /// <summary>Ends when everything queued is on disk, and the journal is replaced by a short one.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        _pieces.Writer.TryComplete();
        await Task.WhenAll(_writers).WaitAsync(cancellationToken);
        _entries.Writer.TryComplete();
        await _keeper.WaitAsync(cancellationToken);
        Replace();
        _journal.Dispose();
    }

    private async Task WriteAsync()
    {
        await foreach (var piece in _pieces.Reader.ReadAllAsync())
        {
            Background.Try("writer of the piece cache", _logger, () => WriteOne(piece));
        }
    }

    private void WriteOne(RamPiece piece)
    {
        lock (_lock)
        {
            if (piece.State != RamState.Waiting)
            {
                return; // dropped meanwhile
            }

            piece.State = RamState.Writing;
            piece.Doubts = piece.Spilled ? piece.Doubts : _index.Doubts;
        }

        try
        {
            _files.Write(piece);
        }
        catch (Exception exception) // whatever it is: its bytes are not in the slots
        {
            lock (_lock)
            {
                _outcome.NotStored(piece, exception);
            }

            return;
        }

        Record(JournalEntry.ForPiece(piece));
    }

    private async Task KeepAsync()
    {
        var batch = new List<JournalEntry>();
        while (await _entries.Reader.WaitToReadAsync())
        {
            var records = 0;
            while (records < MaxBatch && _entries.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
                records += entry.RecordCount + 1;
            }

            Background.Try("journal keeper of the piece cache", _logger, () => Append(batch));
            batch.Clear();
        }
    }

    /// <summary>Appends a batch in order, with one write; then its pieces count as stored.</summary>
    private void Append(List<JournalEntry> batch)
    {
        try
        {
            lock (_lock)
            {
                batch.InsertRange(0, _missed);
                _missed.Clear();
                _records.Clear();
                foreach (var entry in batch)
                {
                    Encode(entry);
                }
            }

            _journal.Append(_records.Records);
        }
        catch (Exception exception) // whatever it is: without its keeper no piece would be stored any more
        {
            AppendFailed(batch, exception);
            return;
        }

        bool isLong;
        lock (_lock)
        {
            foreach (var entry in batch)
            {
                if (entry.Piece is { } piece)
                {
                    _outcome.Stored(piece);
                }
            }

            _disk.Accepted();
            _space.Changed();
            isLong =
                _journal.RecordCount
                > (2L * (_index.LiveSlots + Math.Min(_index.LiveSlots, _index.TorrentCount))) + PieceCacheFolder.JournalSlack;
        }

        if (isLong)
        {
            Replace();
        }
    }

    /// <summary>The pieces stay in memory; what is true without them, such as a removed torrent, is written at the head of the next batch.</summary>
    private void AppendFailed(List<JournalEntry> batch, Exception exception)
    {
        lock (_lock)
        {
            foreach (var entry in batch)
            {
                if (entry.Piece is { } piece)
                {
                    _outcome.NotStored(piece, exception);
                }
            }

            ClearTorrentNames();
            _missed.AddRange(batch.Where(static entry => entry.Piece is null));
            _disk.Refused(exception.Message);
        }
    }

    /// <summary>The journal may not have the torrents' names that were given last.</summary>
    private void ClearTorrentNames()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        foreach (var torrent in _index.InOrder)
        {
            torrent.JournalName = 0;
        }
    }

    private void Encode(in JournalEntry entry)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (entry.Dropped is not null)
        {
            foreach (var slot in entry.Dropped)
            {
                _records.AddDrop(slot);
            }

            return;
        }

        var group = entry.Piece?.Group ?? entry.Group!;
        if (group.Dead)
        {
            return;
        }

        if (entry.Piece is { } piece)
        {
            var layout = group.Torrent.Layout!;
            var mask = group.Stored | layout.BitOf(piece.Piece);
            if (piece.Doubts == _index.Doubts) // else its bytes may have been lost before they had a record
            {
                group.Confirmed |= layout.BitOf(piece.Piece);
            }

            _index.SetStored(group, mask, layout.BytesOf(group.Number, mask));
        }

        if (group.Stored != 0)
        {
            _records.AddGroup(group, group.Stored, group.Bytes);
        }
    }

    /// <summary>Replaces the journal by one that says only what is true now.</summary>
    private void Replace()
    {
        lock (_lock)
        {
            _records.Clear();
            _records.AddHeader();
            foreach (var torrent in _index.InOrder)
            {
                torrent.JournalName = 0;
                AddGroups(torrent.Probation);
                AddGroups(torrent.Protected);
            }
        }

        try
        {
            _journal.Replace(_records.Records);
        }
        catch (Exception exception) // whatever it is: the old journal is still good
        {
            _logger.SnapshotFailed(exception);
            lock (_lock)
            {
                ClearTorrentNames();
            }
        }
    }

    private void AddGroups(GroupList list)
    {
        for (var group = list.Oldest; group is not null; group = group.Newer)
        {
            if (group.Stored != 0)
            {
                _records.AddGroup(group, group.Stored, group.Bytes);
            }
        }
    }
}
