using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Store;

/// <summary>What clients change in the library: torrents added, removed, moved and copied; routes made, renamed and removed. Each method is one
/// change of the <see cref="LibraryStore"/>, durable when it returns.</summary>
internal sealed class LibraryChanges(LibraryStore store, TorrentAdder adder, ILogger logger)
{
    /// <summary>Adds a torrent to a route, which is made when it is not there.</summary>
    /// <param name="route">The route.</param>
    /// <param name="what">The torrent.</param>
    /// <param name="upload">The small file that brought the link; null: none.</param>
    /// <param name="cancellationToken">Ends the wait for the changes before.</param>
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

        if (!ParsedTorrent.TryRead(what, out var parsed, out var error))
        {
            return (new WriteResult(WriteOutcome.Invalid, error), null);
        }

        var origin = string.Equals(what.Origin, Origins.Mount, StringComparison.Ordinal) ? Origins.Mount : Origins.Api;
        LibraryTorrent? added = null;
        var result = await store.ChangeAsync(
            $"adding {parsed.InfoHash} to route {route}",
            async edit =>
            {
                var name = edit.Model.CanonicalName(route);
                var outcome = await adder.AddAsync(edit, name, parsed, origin, null, upload);
                added = edit.Model.Find(edit.Model.CanonicalName(route), parsed.InfoHash)?.View;
                return outcome;
            },
            cancellationToken
        );
        return (result, result.Succeeded ? added : null);
    }

    /// <summary>Removes a torrent from this route only; with <paramref name="pieces"/> its cached pieces go when no route has it any more.</summary>
    internal Task<WriteResult> RemoveAsync(string route, InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        return store.ChangeAsync(
            $"removing {hash} from route {route}",
            edit =>
            {
                if (edit.Model.Find(edit.Model.CanonicalName(route), hash) is not { } row)
                {
                    return new WriteResult(WriteOutcome.NotFound, $"Route \"{route}\" has no torrent {hash}.");
                }

                if (row.Where is { } where)
                {
                    return new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(row.View.Name, where));
                }

                edit.Remove(row, pieces);
                logger.TorrentRemoved(row.Stored.Route, row.View.Name, hash);
                return new WriteResult(WriteOutcome.Done);
            },
            cancellationToken
        );
    }

    /// <summary>Removes a torrent all of whose files were deleted. Errors are logged.</summary>
    internal async Task RemoveEmptiedAsync(string route, InfoHash hash)
    {
        try
        {
            await RemoveAsync(route, hash, pieces: true, CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.ChangeFailed($"removing {hash} from route {route}", e.Message, e);
        }
    }

    /// <summary>Moves a torrent to another route, or renames it in its own.</summary>
    internal Task<WriteResult> MoveAsync(TorrentMove move, CancellationToken cancellationToken)
    {
        return store.ChangeAsync(
            $"moving {move.InfoHash} from route {move.Route} to {move.ToRoute}",
            edit => TorrentMoves.Move(edit, move, store.Now()),
            cancellationToken
        );
    }

    /// <summary>Adds a torrent that a route has to another one.</summary>
    internal Task<WriteResult> CopyAsync(TorrentMove copy, CancellationToken cancellationToken)
    {
        return store.ChangeAsync(
            $"copying {copy.InfoHash} from route {copy.Route} to {copy.ToRoute}",
            async edit =>
            {
                var result = TorrentMoves.Copy(edit, copy, store.Now());
                if (result.Succeeded && edit.Model.Find(edit.Model.CanonicalName(copy.ToRoute), copy.InfoHash) is { View.IsPending: true })
                {
                    await adder.WatchAsync(edit.Model.Find(copy.InfoHash).First());
                }

                return result;
            },
            cancellationToken
        );
    }

    /// <summary>Makes an empty route.</summary>
    internal Task<WriteResult> MakeRouteAsync(string route, CancellationToken cancellationToken)
    {
        return store.ChangeAsync(
            $"making route {route}",
            edit =>
            {
                var result = RouteChanges.CheckRoute(edit.Model, route);
                if (result.Succeeded)
                {
                    edit.Put(new CatalogRoute(route, store.Now(), Origins.Api, []), null);
                    logger.RouteMade(route);
                }

                return result;
            },
            cancellationToken
        );
    }

    /// <summary>Renames a route that no file names; routes below it go along.</summary>
    internal Task<WriteResult> RenameRouteAsync(string route, string newName, CancellationToken cancellationToken)
    {
        return store.ChangeAsync(
            $"renaming route {route} to {newName}",
            edit => RouteChanges.RenameRoute(edit, route, newName),
            cancellationToken
        );
    }

    /// <summary>Removes a route without torrents that no file names, and the routes below it if they are so, too.</summary>
    internal Task<WriteResult> RemoveRouteAsync(string route, CancellationToken cancellationToken)
    {
        return store.ChangeAsync($"removing route {route}", edit => RouteChanges.RemoveRoute(edit, route), cancellationToken);
    }
}
