using System.Threading.Channels;
using Distribyted.BitTorrent.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Brings verified pieces to disk behind the swarm: two writers, then one journal keeper that appends in batches.</summary>
/// <remarks>The queues need no limit of their own: every piece in them holds its piece memory. Whatever a piece or a batch throws is the end of that one
/// only: a writer that stopped would let the piece memory fill up, and nothing would be fetched any more.</remarks>
internal sealed class WriteBehind
{
    private const int Writers = 2; // a page-cache write is a memory copy; more only fight over the file's lock
    private const int MaxBatch = 1024; // records: bounds how far the journal may overshoot between snapshots

    private readonly PieceCache _cache;
    private readonly ILogger _logger;
    private readonly Channel<RamPiece> _pieces = Channel.CreateUnbounded<RamPiece>();
    private readonly Channel<JournalEntry> _journal = Channel.CreateUnbounded<JournalEntry>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task[] _writers = new Task[Writers];
    private readonly Task _keeper;

    public WriteBehind(PieceCache cache, ILogger logger)
    {
        _cache = cache;
        _logger = logger;
        for (var i = 0; i < Writers; i++)
        {
            _writers[i] = Background.Run("writer of the piece cache", logger, WriteAsync);
        }

        _keeper = Background.Run("journal keeper of the piece cache", logger, KeepAsync);
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
            Background.Try("writer of the piece cache", _logger, () => WriteOne(piece));
        }
    }

    private void WriteOne(RamPiece piece)
    {
        if (!_cache.BeginWrite(piece))
        {
            return;
        }

        try
        {
            _cache.WriteToSlots(piece);
        }
        catch (Exception exception) // whatever it is: its bytes are not in the slots
        {
            _cache.WriteFailed(piece, exception);
            return;
        }

        Record(JournalEntry.ForPiece(piece));
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

            Background.Try("journal keeper of the piece cache", _logger, () => _cache.Journal(batch));
            batch.Clear();
        }
    }
}
