using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Store;

/// <summary>The library as it is now, and the one way to change it. Safe for use by many threads.</summary>
/// <remarks>One change at a time, in this order: the engine (metadata is on disk before a row names it), the catalog, the published snapshot.
/// Readers take no lock: they see the snapshot before or after.</remarks>
internal sealed class LibraryStore : IAsyncDisposable
{
    private readonly IRouteCatalog _catalog;
    private readonly EngineTorrents _engine;
    private readonly Action<LibraryModel, LibraryModel> _publish;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly SemaphoreSlim _lock = new(0, 1); // free when the start has read the catalog
    private volatile PublishedLibrary _published = new(LibraryModel.Empty);

    /// <param name="catalog">Where the library is remembered.</param>
    /// <param name="engine">Its torrents.</param>
    /// <param name="publish">Shows the second library instead of the first; called once at a time, before anybody else sees the second.</param>
    /// <param name="time">When something was added.</param>
    /// <param name="logger">Where refused changes are logged.</param>
    internal LibraryStore(
        IRouteCatalog catalog,
        EngineTorrents engine,
        Action<LibraryModel, LibraryModel> publish,
        TimeProvider time,
        ILogger logger
    )
    {
        _catalog = catalog;
        _engine = engine;
        _publish = publish;
        _time = time;
        _logger = logger;
    }

    /// <summary>The library right now, and the next one.</summary>
    internal PublishedLibrary Published => _published;

    internal LibraryModel Model => _published.Model;

    /// <summary>Closes the catalog, when the removals that are under way have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _engine.WaitForRemovalsAsync();
        await _catalog.DisposeAsync();
    }

    /// <summary>The time of a change.</summary>
    internal DateTimeOffset Now()
    {
        return WholeSeconds.Now(_time);
    }

    /// <summary>Reads the catalog, names its torrents to the engine and publishes what is known. Nothing here waits for the network.</summary>
    /// <param name="configured">The routes that the configuration names, and where.</param>
    /// <param name="watchMetadata">Called for each torrent that has no metadata yet.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    internal async Task StartAsync(
        IEnumerable<(string Name, string Where)> configured,
        Action<Torrent> watchMetadata,
        CancellationToken cancellationToken
    )
    {
        var content = await _catalog.LoadAsync(cancellationToken);
        var edit = new LibraryEdit(LibraryStart.Build(content));
        LibraryStart.Configure(edit, configured, Now());

        var rows = edit.Model.Routes.SelectMany(r => r.Rows).ToList();
        _engine.AddKnown(rows, isComplete: !content.IsRestored);
        foreach (var pending in rows.Where(r => r.View.IsPending))
        {
            watchMetadata(_engine.Find(pending.InfoHash)!);
        }

        await CommitAsync(edit);
        _lock.Release();
        _logger.LibraryRead(rows.Count, edit.Model.RouteCount, rows.Count(r => r.View.IsPending));
    }

    /// <summary>Makes one change: alone, durable and published when this returns. A change that fails is logged and leaves everything as it was.</summary>
    /// <param name="what">For the log: <c>adding c9e1... to route films</c>.</param>
    /// <param name="change">Makes it in the edit. When its result is a refusal, what is in the edit by then is kept all the same.</param>
    /// <param name="cancellationToken">Ends the wait for the changes before; a change that began is finished.</param>
    internal async Task<WriteResult> ChangeAsync(
        string what,
        Func<LibraryEdit, Task<WriteResult>> change,
        CancellationToken cancellationToken
    )
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            var edit = new LibraryEdit(Model);
            try
            {
                var result = await change(edit);
                await CommitAsync(edit);
                return result;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorrentException)
            {
                _logger.ChangeFailed(what, e.Message, e);
                foreach (var hash in edit.Added)
                {
                    _engine.RemoveUnused(Model, hash, pieces: true);
                }

                return e is TorrentException { Failure: TorrentFailure.InvalidTorrent }
                    ? new WriteResult(WriteOutcome.Invalid, e.Message)
                    : new WriteResult(WriteOutcome.NoSpace, "It could not be kept: " + e.Message);
            }
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>The same for a change that waits for nothing.</summary>
    internal Task<WriteResult> ChangeAsync(string what, Func<LibraryEdit, WriteResult> change, CancellationToken cancellationToken)
    {
        return ChangeAsync(what, edit => Task.FromResult(change(edit)), cancellationToken);
    }

    /// <summary>Gives the torrent of a shared folder to the engine. Routes may have it, too: removing it from them leaves it shared.</summary>
    internal async Task ShareAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            await _engine.ShareAsync(source, cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Ends <see cref="ShareAsync"/>; the engine keeps the torrent if a route has it.</summary>
    internal async Task UnshareAsync(InfoHash hash, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            _engine.Unshare(hash);
            _engine.RemoveUnused(Model, hash, pieces: false);
        }
        finally
        {
            _lock.Release();
        }
    }

    private async Task CommitAsync(LibraryEdit edit)
    {
        await _catalog.ApplyAsync(edit.Changes, CancellationToken.None);
        if (!ReferenceEquals(edit.Model, Model))
        {
            var former = _published;
            _publish(former.Model, edit.Model);
            _published = new PublishedLibrary(edit.Model);
            former.AnnounceNext();
        }

        foreach (var (hash, pieces) in edit.Dropped)
        {
            _engine.RemoveUnused(Model, hash, pieces);
        }
    }
}
