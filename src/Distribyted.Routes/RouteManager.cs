using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Tree;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes;

/// <summary>Adds, removes and moves torrents among routes, keeps the catalog, and publishes the tree. Safe for use by many threads.</summary>
/// <remarks>Every change goes through one gate: engine first (metadata is on disk before a row names it), then the catalog, then the new
/// snapshot. Readers take no lock: they see the snapshot before or after. Longer than most files, because this order is one thing.</remarks>
public sealed class RouteManager : IAsyncDisposable
{
    private readonly TorrentSession _session;
    private readonly IRouteCatalog _catalog;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RouteMetrics _metrics;
    private readonly MetadataWatch _metadata;
    private readonly RouteTree _routeTree;
    private readonly LibraryFs _tree;

    private readonly SemaphoreSlim _gate = new(0, 1); // opened when the start has read the catalog
    private readonly HashSet<InfoHash> _shared = []; // guarded by _gate: torrents of shared folders

    private readonly ConcurrentDictionary<Task, byte> _farewells = new();

    private volatile Published _published = new(LibraryModel.Empty);

    internal RouteManager(
        TorrentSession session,
        IRouteCatalog catalog,
        string cacheFolder,
        TimeProvider time,
        RouteMetrics metrics,
        ILoggerFactory loggers
    )
    {
        _session = session;
        _catalog = catalog;
        _time = time;
        _metrics = metrics;
        _logger = loggers.CreateLogger<RouteManager>();
        _metadata = new MetadataWatch(MountAsync, time, _logger);
        _routeTree = new RouteTree(session, time, _logger);
        _tree = new LibraryFs(
            this,
            _routeTree,
            new Uploads(time, _logger),
            new DeletedFiles(RemoveEmptiedAsync, time, _logger),
            cacheFolder
        );
    }

    /// <summary>The whole tree as doors serve it: routes at the root.</summary>
    public IWritableFileSystem Tree => _tree;

    /// <summary>Everything right now.</summary>
    public Library Current => Model.View;

    internal LibraryModel Model => _published.Model;

    /// <summary>Adds a torrent to a route, which is made when it is not there. Durable when this returns; does not wait for metadata.
    /// The same torrent again is <see cref="WriteOutcome.Done"/>.</summary>
    public Task<(WriteResult Result, LibraryTorrent? Torrent)> AddAsync(string route, Addition what, CancellationToken cancellationToken)
    {
        return AddAsync(route, what, null, cancellationToken);
    }

    /// <summary>Waits until the metadata of a torrent is here and it shows in the tree. False: it was removed meanwhile.</summary>
    public async Task<bool> MetadataAsync(string route, InfoHash hash, CancellationToken cancellationToken)
    {
        while (true)
        {
            var published = _published;
            if (published.Model.Find(published.Model.Spell(route), hash) is not { } row)
            {
                return false;
            }

            if (!row.View.IsPending)
            {
                return true;
            }

            await published.Next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Removes a torrent from this route only; with <paramref name="pieces"/> its cached pieces go when no route has it any more.</summary>
    public Task<WriteResult> RemoveAsync(string route, InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        return ChangeAsync(
            edit =>
            {
                if (edit.Model.Find(edit.Model.Spell(route), hash) is not { } row)
                {
                    return Task.FromResult(new WriteResult(WriteOutcome.NotFound, $"Route \"{route}\" has no torrent {hash}."));
                }

                if (row.Where is { } where)
                {
                    return Task.FromResult(new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(row.View.Name, where)));
                }

                edit.Remove(row, pieces);
                _logger.TorrentRemoved(row.Stored.Route, row.View.Name, hash);
                return Task.FromResult(new WriteResult(WriteOutcome.Done));
            },
            cancellationToken
        );
    }

    /// <summary>Moves a torrent to another route, or renames it in its own.</summary>
    public Task<WriteResult> MoveAsync(string route, InfoHash hash, string toRoute, string? newName, CancellationToken cancellationToken)
    {
        return ChangeAsync(edit => Task.FromResult(Moves.Move(edit, route, hash, toRoute, newName, false, Now())), cancellationToken);
    }

    /// <summary>Makes an empty route.</summary>
    public Task<WriteResult> MakeRouteAsync(string route, CancellationToken cancellationToken)
    {
        return ChangeAsync(
            edit =>
            {
                var refusal = Moves.WhyNoRoute(edit.Model, route);
                if (refusal.Succeeded)
                {
                    edit.Put(new CatalogRoute(route, Now(), Origins.Api, []), null);
                    _logger.RouteMade(route);
                }

                return Task.FromResult(refusal);
            },
            cancellationToken
        );
    }

    /// <summary>Renames a route that no file names; routes below it go along.</summary>
    /// <param name="route">Its name.</param>
    /// <param name="newName">The whole new name, <c>a/b</c> for a route in a route.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a change that began is finished.</param>
    public Task<WriteResult> RenameRouteAsync(string route, string newName, CancellationToken cancellationToken)
    {
        return ChangeAsync(edit => Task.FromResult(Moves.RenameRoute(edit, route, newName)), cancellationToken);
    }

    /// <summary>Removes a route without torrents that no file names, and the routes below it if they are so, too.</summary>
    public Task<WriteResult> RemoveRouteAsync(string route, CancellationToken cancellationToken)
    {
        return ChangeAsync(edit => Task.FromResult(Moves.RemoveRoute(edit, route)), cancellationToken);
    }

    /// <summary>The library now and after each change; changes that come faster than they are taken are seen as one.</summary>
    public async IAsyncEnumerable<Library> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var published = _published;
            yield return published.Model.View;
            await published.Next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends all waiting and closes the catalog.</summary>
    public async ValueTask DisposeAsync()
    {
        _tree.Dispose();
        await Task.WhenAll(_farewells.Keys);
        await _metadata.DisposeAsync();
        await _catalog.DisposeAsync();
    }

    /// <summary>Reads the catalog, tells the engine and publishes what is known. Nothing here waits for the network.</summary>
    internal async Task StartAsync(IReadOnlyList<ConfiguredRoute> configured, CancellationToken cancellationToken)
    {
        var content = await _catalog.LoadAsync(cancellationToken);
        var edit = new LibraryEdit(LibraryStart.Build(content));
        LibraryStart.Configure(edit, configured, Now());

        var rows = edit.Model.Routes.SelectMany(r => r.Rows).ToList();
        _session.AddKnown(rows.DistinctBy(r => r.InfoHash).Select(LibraryStart.SourceOf));
        if (rows.Count > 0 && !content.IsRestored)
        {
            _session.DropStrayMetadata(); // not of a lost catalog: what is on disk then spares the swarm when torrents come back
        }

        foreach (var pending in rows.Where(r => r.View.IsPending))
        {
            _metadata.Watch(_session.Find(pending.InfoHash)!);
        }

        await CommitAsync(edit);
        _gate.Release();
        _logger.LibraryRead(rows.Count, edit.Model.RouteCount, rows.Count(r => r.View.IsPending));
    }

    /// <summary>As the public one, remembering the small file that brought the link.</summary>
    internal async Task<(WriteResult Result, LibraryTorrent? Torrent)> AddAsync(
        string route,
        Addition what,
        CatalogUpload? upload,
        CancellationToken cancellationToken
    )
    {
        if (RouteName.WhyNot(route) is { } reason)
        {
            return (new WriteResult(WriteOutcome.Forbidden, reason), null);
        }

        if (!Newcomer.TryRead(what, out var newcomer, out var error))
        {
            return (new WriteResult(WriteOutcome.Invalid, error), null);
        }

        var origin = string.Equals(what.Origin, Origins.Mount, StringComparison.Ordinal) ? Origins.Mount : Origins.Api;
        LibraryTorrent? added = null;
        var result = await ChangeAsync(
            async edit =>
            {
                var outcome = await AddAsync(edit, edit.Model.Spell(route), newcomer, origin, null, upload);
                added = edit.Model.Find(edit.Model.Spell(route), newcomer.InfoHash)?.View;
                return outcome;
            },
            cancellationToken
        );
        return (result, result.Succeeded ? added : null);
    }

    /// <summary>Keeps the metadata of torrents that will be added at once, outside the gate. What the disk refuses is refused again, and told, when
    /// they are added.</summary>
    internal async Task KeepMetadataAsync(IEnumerable<Newcomer> newcomers, CancellationToken cancellationToken)
    {
        try
        {
            await _session.KeepMetadataAsync(newcomers.Select(n => n.Source), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Told by who adds them.
        }
    }

    /// <summary>Adds a torrent within a change, or what is new of a known one. The engine has its metadata on disk when this returns.</summary>
    internal async Task<WriteResult> AddAsync(
        LibraryEdit edit,
        string route,
        Newcomer newcomer,
        string origin,
        string? where,
        CatalogUpload? upload,
        string? trackers = null
    )
    {
        if (edit.Model.Obstacle(route) is { } obstacle)
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                $"There can be no route \"{route}\": the torrent \"{obstacle.Name}\" has that name in route \"{obstacle.Route}\"."
            );
        }

        edit.Bring(newcomer.InfoHash);
        var torrent = await _session.AddAsync(newcomer.Source, CancellationToken.None); // a client that left does not take it back
        if (edit.Model.Find(route, newcomer.InfoHash) is { } known)
        {
            var stored = known.Stored with
            {
                Magnet = MagnetUnion.Of(known.Stored.Magnet, newcomer.Magnet),
                Origin = Origins.ComesFromSource(known.Stored.Origin) ? origin : known.Stored.Origin,
                Upload = known.View.IsPending ? upload ?? known.Stored.Upload : null,
                Trackers = trackers is null ? known.Stored.Trackers : TrackerKey.Add(known.Stored.Trackers, trackers),
            };
            if (stored != known.Stored)
            {
                edit.Put(new TorrentRow(stored, known.Title ?? newcomer.Title, known.Where));
            }

            return new WriteResult(WriteOutcome.Done);
        }

        var now = Now();
        edit.EnsureRoute(route, now, origin);
        var created = newcomer.Source.Metainfo?.Created is { } date && date <= now ? date : now;
        var row = new TorrentRow(
            new CatalogTorrent(route, newcomer.InfoHash, null, false, 0, now, created, origin, newcomer.Magnet, upload, [], trackers),
            newcomer.Title,
            where
        );
        if (newcomer.Source.Metainfo is { } metainfo)
        {
            edit.Mount(row, TorrentFacts.Of(metainfo.Info));
        }
        else
        {
            edit.Put(row);
            _metadata.Watch(torrent);
        }

        _logger.TorrentAdded(route, newcomer.Title ?? newcomer.InfoHash.ToString(), newcomer.InfoHash, origin);
        return new WriteResult(WriteOutcome.Created);
    }

    /// <summary>Adds a torrent that a route has to another one, under this name or the one it has.</summary>
    internal Task<WriteResult> CopyAsync(
        string route,
        InfoHash hash,
        string toRoute,
        string newName,
        bool replace,
        CancellationToken cancellationToken
    )
    {
        return ChangeAsync(
            async edit =>
            {
                var result = Moves.Copy(edit, route, hash, toRoute, newName, replace, Now());
                if (result.Succeeded && edit.Model.Find(edit.Model.Spell(toRoute), hash) is { View.IsPending: true })
                {
                    _metadata.Watch(await _session.AddAsync(LibraryStart.SourceOf(edit.Model.Find(hash).First()), CancellationToken.None));
                }

                return result;
            },
            cancellationToken
        );
    }

    /// <summary>As <see cref="MoveAsync(string, InfoHash, string, string?, CancellationToken)"/>, taking over the name of another torrent.</summary>
    internal Task<WriteResult> MoveAsync(
        string route,
        InfoHash hash,
        string toRoute,
        string newName,
        bool replace,
        CancellationToken cancellationToken
    )
    {
        return ChangeAsync(edit => Task.FromResult(Moves.Move(edit, route, hash, toRoute, newName, replace, Now())), cancellationToken);
    }

    /// <summary>Hands the torrent of a shared folder to the engine; routes that have it, too, do not take it away.</summary>
    internal async Task ShareAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _session.AddAsync(source, cancellationToken);
            _shared.Add(source.InfoHash);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes it back, unless a route has it.</summary>
    internal async Task UnshareAsync(InfoHash hash, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _shared.Remove(hash);
            Drop(hash, pieces: false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes one change: alone, durable and published when this returns.</summary>
    internal async Task<WriteResult> ChangeAsync(Func<LibraryEdit, Task<WriteResult>> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
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
                _logger.ChangeFailed(e);
                foreach (var hash in edit.Brought)
                {
                    Drop(hash, pieces: true);
                }

                return e is TorrentException { Failure: TorrentFailure.InvalidTorrent }
                    ? new WriteResult(WriteOutcome.Invalid, e.Message)
                    : new WriteResult(WriteOutcome.NoSpace, "It could not be kept: " + e.Message);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task CommitAsync(LibraryEdit edit)
    {
        await _catalog.ApplyAsync(edit.Changes, CancellationToken.None);
        if (!ReferenceEquals(edit.Model, Model))
        {
            var former = _published;
            _routeTree.Publish(former.Model, edit.Model);
            _published = new Published(edit.Model);
            _metrics.Changed(edit.Model);
            former.Announce();
        }

        foreach (var (hash, pieces) in edit.Dropped)
        {
            Drop(hash, pieces);
        }
    }

    /// <summary>Lets the engine forget a torrent that neither a route nor a shared folder has. From now on it is not found; its goodbye to
    /// trackers, which may take seconds, holds up nobody.</summary>
    private void Drop(InfoHash hash, bool pieces)
    {
        if (_shared.Contains(hash) || Model.Find(hash).Any())
        {
            return;
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _farewells[ended.Task] = 0;
        Background.Forget("farewell of a torrent", _logger, RemoveAsync(hash, pieces, ended));
    }

    private async Task RemoveAsync(InfoHash hash, bool pieces, TaskCompletionSource ended)
    {
        try
        {
            await _session.RemoveAsync(hash, pieces, CancellationToken.None);
        }
        catch (Exception e)
        {
            _logger.FarewellFailed(hash, e);
        }
        finally
        {
            _farewells.TryRemove(ended.Task, out _);
            ended.SetResult();
        }
    }

    /// <summary>Removes a torrent all of whose files were deleted.</summary>
    private async Task RemoveEmptiedAsync(string route, InfoHash hash)
    {
        try
        {
            await RemoveAsync(route, hash, pieces: true, CancellationToken.None);
        }
        catch (Exception e)
        {
            _logger.ChangeFailed(e);
        }
    }

    private async Task<bool> MountAsync(IReadOnlyList<TorrentFacts> arrived)
    {
        var result = await ChangeAsync(
            edit =>
            {
                foreach (var facts in arrived)
                {
                    foreach (var row in edit.Model.Find(facts.InfoHash).Where(r => r.View.IsPending).ToList())
                    {
                        edit.Mount(row, facts);
                        _logger.MetadataArrived(row.Stored.Route, facts.Name, facts.InfoHash);
                    }
                }

                return Task.FromResult(new WriteResult(WriteOutcome.Done));
            },
            CancellationToken.None
        );
        return result.Succeeded;
    }

    /// <summary>Whole seconds: what HTTP dates and the catalog can both hold.</summary>
    internal DateTimeOffset Now()
    {
        return DateTimeOffset.FromUnixTimeSeconds(_time.GetUtcNow().ToUnixTimeSeconds());
    }

    private sealed class Published(LibraryModel model)
    {
        private readonly TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal LibraryModel Model { get; } = model;

        internal Task Next => _next.Task;

        internal void Announce()
        {
            _next.TrySetResult();
        }
    }
}
