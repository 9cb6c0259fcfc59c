using System.Threading.Channels;
using Distribyted.Platform;
using Distribyted.Routes.Telemetry;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Catalog;

/// <summary>The catalog in one LiteDB file. Changes queue up for one writer, which puts all that wait into one transaction.</summary>
/// <remarks>A commit of LiteDB 5.0.20 may return before its log is on disk: its pages are at times written by a thread of its own (seen by
/// copying the files at once). So each commit is followed by a checkpoint, which waits for the log, folds it into <c>catalog.db</c> and
/// flushes both, in an order that a kill at any moment survives; 5 to 15 ms, which batching makes cheap. A transaction belongs to its
/// thread: nothing is awaited between its begin and its end. After 10 s of quiet the file is copied (see <see cref="CatalogBackups"/>). On a disk that becomes full within a commit LiteDB may keep what it refused, or wait for ever; so nothing is begun
/// without free space to spare.</remarks>
internal sealed class LiteDbRouteCatalog : IRouteCatalog
{
    internal const string FileName = "catalog.db";
    internal const string BackupName = CatalogBackups.Name;

    private const int MaxBatch = 4096;
    private const long SpaceToAdd = 4L << 20;
    private const long SpaceToRemove = 1L << 20;
    private const long SpaceOfChange = 4 * 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly CatalogBackups _backups;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new UnboundedChannelOptions { SingleReader = true });

    private LiteDatabase? _database; // of the writer, once it runs
    private Task _writer = Task.CompletedTask;

    internal LiteDbRouteCatalog(string folder, TimeProvider time, ILogger<LiteDbRouteCatalog> logger)
    {
        _path = Path.Combine(folder, FileName);
        _backups = new CatalogBackups(_path, time, logger);
        _time = time;
        _logger = logger;
        FreeSpace = () => DiskSpace.FreeAt(folder) ?? long.MaxValue; // not known: LiteDB will say
    }

    /// <summary>Free bytes of the disk.</summary>
    internal Func<long> FreeSpace { get; init; }

    public ValueTask<CatalogContent> LoadAsync(CancellationToken cancellationToken)
    {
        return new ValueTask<CatalogContent>(Task.Run(Load, cancellationToken));
    }

    public async Task ApplyAsync(IReadOnlyList<CatalogChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (changes.Count == 0)
        {
            return;
        }

        var request = new Request(changes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_requests.Writer.TryWrite(request))
        {
            throw new IOException("The catalog is closed.");
        }

        await request.Done.Task; // not cancelled: what is queued will be written, and the caller must know whether it was
    }

    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _writer;
    }

    private CatalogContent Load()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            var isRestored = _backups.Restore();
            _database = Open();
            CatalogDocuments.CheckVersion(_database);
            var content = CatalogDocuments.ReadAll(_database);
            _writer = Task.Run(WriteAsync);
            return content with { IsRestored = isRestored };
        }
        catch (Exception e) // LiteDB reads a damaged file with whatever exception that leads to
        {
            _database?.Dispose();
            throw new IOException(
                $"{_path} cannot be read: {e.Message} Put {BackupName} in its place (and remove catalog-log.db), or move it and its backups away to begin anew.",
                e
            );
        }
    }

    private LiteDatabase Open()
    {
        return new LiteDatabase(new ConnectionString { Filename = _path, Connection = ConnectionType.Direct });
    }

    private async Task WriteAsync()
    {
        var batch = new List<Request>();
        var reader = _requests.Reader;
        var dirty = !_backups.Any; // an unchanged catalog needs no other copy, which might be that of a damaged file
        while (true)
        {
            var more = reader.WaitToReadAsync().AsTask();
            if (dirty && !await IsMoreBeforeQuietAsync(more))
            {
                BackUp();
                dirty = false;
            }

            if (!await more)
            {
                break;
            }

            while (batch.Count < MaxBatch && reader.TryRead(out var request))
            {
                batch.Add(request);
            }

            Commit(batch);
            batch.Clear();
            dirty = true;
        }

        _database?.Dispose();
    }

    private async Task<bool> IsMoreBeforeQuietAsync(Task<bool> more)
    {
        if (more.IsCompleted)
        {
            return true;
        }

        using var end = new CancellationTokenSource();
        await Task.WhenAny(more, Task.Delay(Quiet, _time, end.Token));
        await end.CancelAsync();
        return more.IsCompleted;
    }

    private void Commit(List<Request> batch)
    {
        if (!HasSpace(batch))
        {
            foreach (var request in batch)
            {
                request.Done.SetException(new IOException($"{_path} could not be written: there is no space left on its disk."));
            }

            return;
        }

        try
        {
            _database ??= Open();
            _database.BeginTrans();
            foreach (var request in batch)
            {
                foreach (var change in request.Changes)
                {
                    CatalogDocuments.Apply(_database, change);
                }
            }

            _database.Commit();
            _database.Checkpoint();
        }
        catch (Exception e)
        {
            Fail(batch, e);
            return;
        }

        foreach (var request in batch)
        {
            request.Done.SetResult();
        }
    }

    private bool HasSpace(List<Request> batch)
    {
        var needed = 0L;
        var adds = false;
        foreach (var change in batch.SelectMany(request => request.Changes))
        {
            adds |= change is CatalogChange.PutRoute or CatalogChange.PutTorrent;
            needed += SpaceOfChange + (2L * ((change as CatalogChange.PutTorrent)?.Torrent.Upload?.Content.Length ?? 0));
        }

        return FreeSpace() >= needed + (adds ? SpaceToAdd : SpaceToRemove);
    }

    /// <summary>LiteDB is of no use after a failed write: the next batch opens it again.</summary>
    private void Fail(List<Request> batch, Exception cause)
    {
        _logger.CatalogNotWritten(_path, cause);
        try
        {
            _database?.Dispose();
        }
        catch (Exception e) // whatever it is: without its writer no change would be answered any more
        {
            _logger.CatalogNotClosed(_path, e);
        }

        _database = null;
        foreach (var request in batch)
        {
            request.Done.SetException(new IOException($"{_path} could not be written: {cause.Message}", cause));
        }
    }

    private void BackUp()
    {
        if (_database is not null)
        {
            Background.Try("backup of the catalog", _logger, () => _backups.Renew(CatalogDocuments.CountTorrents(_database)));
        }
    }

    private sealed record Request(IReadOnlyList<CatalogChange> Changes, TaskCompletionSource Done);
}
