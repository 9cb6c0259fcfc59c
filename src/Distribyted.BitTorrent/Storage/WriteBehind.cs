using System.Threading.Channels;

namespace Distribyted.BitTorrent.Storage;

/// <summary>Brings verified pieces to disk behind the swarm: two writers, then one journal keeper that appends in batches.</summary>
/// <remarks>The queues need no limit of their own: every piece in them holds its piece memory.</remarks>
internal sealed class WriteBehind
{
    private const int Writers = 2; // a page-cache write is a memory copy; more only fight over the file's lock
    private const int MaxBatch = 1024; // records: bounds how far the journal may overshoot between snapshots

    private readonly PieceCache _cache;
    private readonly Channel<RamPiece> _pieces = Channel.CreateUnbounded<RamPiece>();
    private readonly Channel<JournalEntry> _journal = Channel.CreateUnbounded<JournalEntry>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task[] _writers = new Task[Writers];
    private readonly Task _keeper;

    public WriteBehind(PieceCache cache)
    {
        _cache = cache;
        for (var i = 0; i < Writers; i++)
        {
            _writers[i] = Task.Run(WriteAsync);
        }

        _keeper = Task.Run(KeepAsync);
    }

    /// <summary>A verified piece wants to be written.</summary>
    public void Write(RamPiece piece)
    {
        _pieces.Writer.TryWrite(piece);
    }

    /// <summary>Something is to be said in the journal. The order of calls is the order in the file.</summary>
    public void Record(in JournalEntry entry)
    {
        _journal.Writer.TryWrite(entry);
    }

    /// <summary>Ends when everything queued is on disk.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        _pieces.Writer.TryComplete();
        await Task.WhenAll(_writers).WaitAsync(cancellationToken);
        _journal.Writer.TryComplete();
        await _keeper.WaitAsync(cancellationToken);
    }

    private async Task WriteAsync()
    {
        await foreach (var piece in _pieces.Reader.ReadAllAsync())
        {
            if (!_cache.BeginWrite(piece))
            {
                continue;
            }

            try
            {
                _cache.WriteToSlots(piece);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _cache.WriteFailed(piece, exception);
                continue;
            }

            Record(JournalEntry.ForPiece(piece));
        }
    }

    private async Task KeepAsync()
    {
        var batch = new List<JournalEntry>();
        while (await _journal.Reader.WaitToReadAsync())
        {
            var records = 0;
            while (records < MaxBatch && _journal.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
                records += entry.RecordCount + 1;
            }

            _cache.Journal(batch);
            batch.Clear();
        }
    }
}
