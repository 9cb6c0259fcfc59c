using System.Runtime.CompilerServices;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Tree;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes;

/// <summary>The library for other projects: what is in it, how it looks as a tree, and what can be changed. Safe for use by many threads.</summary>
public sealed class RouteManager : IAsyncDisposable
{
    private readonly MetadataWatch _metadata;
    private readonly LibraryChanges _changes;
    private readonly LibraryFs _tree;

    internal RouteManager(
        TorrentSession session,
        IRouteCatalog catalog,
        string cacheFolder,
        TimeProvider time,
        RouteMetrics metrics,
        ILoggerFactory loggers
    )
    {
        var logger = loggers.CreateLogger<RouteManager>();
        var engine = new EngineTorrents(session, logger);
        var routes = new RouteTree(session, time, logger);
        Store = new LibraryStore(catalog, engine, Publish, time, logger);
        _metadata = new MetadataWatch(arrived => Adder!.MountAsync(arrived), time, logger);
        Adder = new TorrentAdder(Store, engine, _metadata, logger);
        _changes = new LibraryChanges(Store, Adder, logger);
        _tree = new LibraryFs(
            Store,
            _changes,
            routes,
            new Uploads(time, logger),
            new DeletedFiles(_changes.RemoveEmptiedAsync, time, logger),
            cacheFolder
        );

        void Publish(LibraryModel former, LibraryModel next)
        {
            routes.Publish(former, next);
            metrics.Changed(next.CountAll);
        }
    }

    /// <summary>The whole tree as listeners serve it: routes at the root.</summary>
    public IWritableFileSystem Tree => _tree;

    /// <summary>Everything right now.</summary>
    public Library Current => Store.Model.View;

    internal LibraryStore Store { get; }

    internal TorrentAdder Adder { get; }

    /// <summary>Adds a torrent to a route, which is made when it is not there. Durable when this returns; does not wait for metadata.
    /// The same torrent again is <see cref="WriteOutcome.Done"/>.</summary>
    public Task<(WriteResult Result, LibraryTorrent? Torrent)> AddAsync(string route, Addition what, CancellationToken cancellationToken)
    {
        return _changes.AddAsync(route, what, null, cancellationToken);
    }

    /// <summary>Waits until the metadata of a torrent is here and it shows in the tree. False: it was removed meanwhile.</summary>
    public async Task<bool> MetadataAsync(string route, InfoHash hash, CancellationToken cancellationToken)
    {
        while (true)
        {
            var published = Store.Published;
            if (published.Model.Find(published.Model.CanonicalName(route), hash) is not { } row)
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
        return _changes.RemoveAsync(route, hash, pieces, cancellationToken);
    }

    /// <summary>The torrent in each route that has it.</summary>
    public IReadOnlyList<LibraryTorrent> Find(InfoHash hash)
    {
        return [.. Store.Model.Find(hash).Select(static row => row.View)];
    }

    /// <summary>The torrent in this route; null: it is not there.</summary>
    public LibraryTorrent? Find(string route, InfoHash hash)
    {
        var model = Store.Model;
        return model.Find(model.CanonicalName(route), hash)?.View;
    }

    /// <summary>The route of this name; null: there is none.</summary>
    public LibraryRoute? FindRoute(string route)
    {
        var model = Store.Model;
        return model.Find(model.CanonicalName(route))?.View;
    }

    /// <summary>Moves a torrent to another route, which is made when it is not there, or renames it in its own.</summary>
    /// <param name="route">The route that has it.</param>
    /// <param name="hash">Which torrent.</param>
    /// <param name="toRoute">The route that is to have it.</param>
    /// <param name="newName">Its name there; null: the one it has, with a part of its hash where that is taken.</param>
    /// <param name="cancellationToken">Ends the wait for the changes before.</param>
    public Task<WriteResult> MoveAsync(string route, InfoHash hash, string toRoute, string? newName, CancellationToken cancellationToken)
    {
        return _changes.MoveAsync(new TorrentMove(route, hash, toRoute, newName), cancellationToken);
    }

    /// <summary>Makes an empty route.</summary>
    public Task<WriteResult> MakeRouteAsync(string route, CancellationToken cancellationToken)
    {
        return _changes.MakeRouteAsync(route, cancellationToken);
    }

    /// <summary>Renames a route that no file names; routes below it go along.</summary>
    public Task<WriteResult> RenameRouteAsync(string route, string newName, CancellationToken cancellationToken)
    {
        return _changes.RenameRouteAsync(route, newName, cancellationToken);
    }

    /// <summary>Removes a route without torrents that no file names, and the routes below it if they are so, too.</summary>
    public Task<WriteResult> RemoveRouteAsync(string route, CancellationToken cancellationToken)
    {
        return _changes.RemoveRouteAsync(route, cancellationToken);
    }

    /// <summary>The library now and after each change; changes that come faster than they are read are seen as one.</summary>
    public async IAsyncEnumerable<Library> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var published = Store.Published;
            yield return published.Model.View;
            await published.Next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends all waiting and closes the catalog.</summary>
    public async ValueTask DisposeAsync()
    {
        _tree.Dispose();
        await _metadata.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Reads the catalog and publishes what is known. Nothing here waits for the network.</summary>
    internal Task StartAsync(IReadOnlyList<ConfiguredRoute> configured, CancellationToken cancellationToken)
    {
        return Store.StartAsync(configured.Select(r => (r.Name, r.Where)), _metadata.Watch, cancellationToken);
    }
}
