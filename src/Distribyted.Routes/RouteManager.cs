using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;

namespace Distribyted.Routes;

/// <summary>Adds, removes and moves torrents among routes, keeps the catalog, and publishes the tree. Safe for use by many threads.</summary>
public sealed class RouteManager
{
    /// <summary>The whole tree as doors serve it: routes at the root.</summary>
    public IWritableFileSystem Tree => throw new InvalidOperationException();

    /// <summary>Everything right now.</summary>
    public Library Current => throw new InvalidOperationException();

    /// <summary>Adds a torrent to a route, which is made when it is not there. Durable when this returns; does not wait for metadata.
    /// The same torrent again is <see cref="WriteOutcome.Done"/>.</summary>
    public Task<(WriteResult Result, LibraryTorrent? Torrent)> AddAsync(string route, Addition what, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Waits until the metadata of a torrent is here and it shows in the tree. False: it was removed meanwhile.</summary>
    public Task<bool> MetadataAsync(string route, InfoHash hash, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Removes a torrent from this route only; with <paramref name="pieces"/> its cached pieces go when no route has it any more.</summary>
    public Task<WriteResult> RemoveAsync(string route, InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Moves a torrent to another route, or renames it in its own.</summary>
    public Task<WriteResult> MoveAsync(string route, InfoHash hash, string toRoute, string? newName, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Makes an empty route.</summary>
    public Task<WriteResult> MakeRouteAsync(string route, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Renames a route that no file names.</summary>
    public Task<WriteResult> RenameRouteAsync(string route, string newName, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Removes an empty route that no file names.</summary>
    public Task<WriteResult> RemoveRouteAsync(string route, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>The library now and after each change.</summary>
    public IAsyncEnumerable<Library> WatchAsync(CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }
}
