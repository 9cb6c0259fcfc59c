using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Model;

/// <summary>What may be moved, renamed, copied and removed among routes, and what becomes of it. Pure: an edit in, a result out.</summary>
internal static class Moves
{
    /// <summary>Moves a torrent, or renames it. A new name must be free, or be that of a torrent which may be replaced; without one it gets a
    /// suffix where its own is taken.</summary>
    internal static WriteResult Move(
        LibraryEdit edit,
        string route,
        InfoHash hash,
        string toRoute,
        string? newName,
        bool replace,
        DateTimeOffset now
    )
    {
        if (Judge(edit.Model, ref route, hash, ref toRoute, newName, replace, out var row) is { } refusal)
        {
            return refusal;
        }

        if (row.Where is { } where)
        {
            return new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(row.View.Name, where));
        }

        var done = MakeWay(edit, row, toRoute, newName);
        if (string.Equals(route, toRoute, StringComparison.Ordinal))
        {
            if (newName is not null && !string.Equals(newName, row.Stored.Name, StringComparison.Ordinal))
            {
                edit.Put(row.With(row.Stored with { Name = newName }));
            }

            return done;
        }

        if (edit.Model.Find(toRoute, hash) is not null)
        {
            edit.Remove(row, pieces: false);
            return new WriteResult(WriteOutcome.Replaced);
        }

        edit.EnsureRoute(toRoute, now, Origins.Api);
        edit.Remove(row, pieces: false);
        edit.Put(Settled(edit.Model, row, row.Stored with { Route = toRoute, Name = newName ?? row.Stored.Name }));
        return done;
    }

    /// <summary>Adds a torrent to another route as well.</summary>
    internal static WriteResult Copy(
        LibraryEdit edit,
        string route,
        InfoHash hash,
        string toRoute,
        string? newName,
        bool replace,
        DateTimeOffset now
    )
    {
        if (Judge(edit.Model, ref route, hash, ref toRoute, newName, replace, out var row) is { } refusal)
        {
            return refusal;
        }

        if (edit.Model.Find(toRoute, hash) is { } there)
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                $"Route \"{toRoute}\" already has this torrent, as \"{there.View.Name}\"; a route holds a torrent once."
            );
        }

        var done = MakeWay(edit, row, toRoute, newName);
        edit.EnsureRoute(toRoute, now, Origins.Mount);
        var copy = row.Stored with
        {
            Route = toRoute,
            Name = newName ?? row.Stored.Name,
            Added = now,
            Origin = Origins.Mount,
            Upload = null,
        };
        edit.Put(Settled(edit.Model, row, copy));
        return done;
    }

    /// <summary><see cref="WriteOutcome.Created"/> when a route of this name may be made.</summary>
    internal static WriteResult WhyNoRoute(LibraryModel model, string route)
    {
        if (RouteName.WhyNot(route) is { } reason)
        {
            return new WriteResult(WriteOutcome.Forbidden, reason);
        }

        if (model.Find(model.Spell(route)) is not null)
        {
            return new WriteResult(WriteOutcome.Exists, $"There is a route \"{route}\" already.");
        }

        return model.Obstacle(route) is { } obstacle
            ? new WriteResult(WriteOutcome.Exists, $"The torrent \"{obstacle.Name}\" has that name in route \"{obstacle.Route}\".")
            : new WriteResult(WriteOutcome.Created);
    }

    internal static WriteResult RenameRoute(LibraryEdit edit, string route, string newName)
    {
        route = edit.Model.Spell(route);
        var moving = edit.Model.Below(route).ToList();
        if (edit.Model.Find(route) is { } own)
        {
            moving.Insert(0, own);
        }

        if (moving.Count == 0)
        {
            return new WriteResult(WriteOutcome.NotFound, $"There is no route \"{route}\".");
        }

        if (moving.Find(r => r.Where is not null) is { } fixedRoute)
        {
            return new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(fixedRoute.Name, fixedRoute.Where!));
        }

        if (newName.StartsWith(route + "/", StringComparison.Ordinal) || string.Equals(route, newName, StringComparison.Ordinal))
        {
            return new WriteResult(WriteOutcome.Forbidden, $"Route \"{route}\" cannot become \"{newName}\": that is itself or lies in it.");
        }

        if (WhyNoRoute(edit.Model, newName) is { Succeeded: false } refusal)
        {
            return refusal;
        }

        if (edit.Model.IsFolder(newName))
        {
            return new WriteResult(WriteOutcome.Exists, $"There are routes in \"{newName}\" already.");
        }

        foreach (var former in moving)
        {
            var name = newName + former.Name[route.Length..];
            if (RouteName.WhyNot(name) is { } reason)
            {
                return new WriteResult(WriteOutcome.Forbidden, reason);
            }
        }

        foreach (var former in moving)
        {
            var name = newName + former.Name[route.Length..];
            edit.Put(former.Stored with { Name = name }, null);
            foreach (var row in former.Rows)
            {
                edit.Remove(row, pieces: false);
                edit.Put(row.With(row.Stored with { Route = name }));
            }

            edit.RemoveRoute(former.Name);
        }

        return new WriteResult(WriteOutcome.Created);
    }

    /// <summary>Removes a route and those below it; none goes when one of them is not empty or is named by a file.</summary>
    internal static WriteResult RemoveRoute(LibraryEdit edit, string route)
    {
        route = edit.Model.Spell(route);
        var going = edit.Model.Below(route).ToList();
        if (edit.Model.Find(route) is { } own)
        {
            going.Add(own);
        }

        if (going.Count == 0)
        {
            return new WriteResult(WriteOutcome.NotFound, $"There is no route \"{route}\".");
        }

        foreach (var found in going)
        {
            if (found.Where is { } where)
            {
                return new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(found.Name, where));
            }

            if (found.Count > 0)
            {
                var waiting = found.PendingCount == 0 ? "" : $", {found.PendingCount} of them waiting for metadata";
                return new WriteResult(
                    WriteOutcome.Forbidden,
                    $"Route \"{found.Name}\" is not empty: it has {found.Count} torrents{waiting}. Remove them first."
                );
            }
        }

        going.ForEach(found => edit.RemoveRoute(found.Name));
        return new WriteResult(WriteOutcome.Done);
    }

    private static WriteResult? Judge(
        LibraryModel model,
        ref string route,
        InfoHash hash,
        ref string toRoute,
        string? newName,
        bool replace,
        out TorrentRow row
    )
    {
        route = model.Spell(route);
        toRoute = model.Spell(toRoute);
        row = model.Find(route, hash)!;
        if (row is null)
        {
            return new WriteResult(WriteOutcome.NotFound, $"Route \"{route}\" has no torrent {hash}.");
        }

        if (RouteName.WhyNot(toRoute) is { } reason)
        {
            return new WriteResult(WriteOutcome.Forbidden, reason);
        }

        if (model.Obstacle(toRoute) is { } obstacle)
        {
            return new WriteResult(WriteOutcome.Forbidden, $"\"{toRoute}\" is not a route: the torrent \"{obstacle.Name}\" lies there.");
        }

        if (newName is null)
        {
            return null;
        }

        if (row.View.IsPending)
        {
            return new WriteResult(WriteOutcome.Forbidden, $"\"{row.View.Name}\" waits for metadata; it has no name to change yet.");
        }

        if (!VirtualPath.IsSegment(newName) || newName.Any(char.IsControl))
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                "The new name is not one of 1 to 255 bytes without slashes or control characters."
            );
        }

        var isItself =
            string.Equals(route, toRoute, StringComparison.Ordinal) && string.Equals(newName, row.Stored.Name, StringComparison.Ordinal);
        if (isItself || !model.IsTaken(toRoute, newName))
        {
            return null;
        }

        if (!replace)
        {
            return new WriteResult(WriteOutcome.Exists, $"There is a \"{newName}\" in route \"{toRoute}\" already.");
        }

        return model.Find(toRoute)?.FindShown(newName) switch
        {
            null => new WriteResult(WriteOutcome.Forbidden, $"\"{newName}\" in \"{toRoute}\" is a route; a torrent cannot replace it."),
            { Where: { } where } => new WriteResult(WriteOutcome.Forbidden, Place.WhyFixed(newName, where)),
            _ => null,
        };
    }

    /// <summary>Removes the torrent whose name is taken over.</summary>
    private static WriteResult MakeWay(LibraryEdit edit, TorrentRow row, string toRoute, string? newName)
    {
        var there = newName is null ? null : edit.Model.Find(toRoute)?.FindShown(newName);
        if (there is null || (there.InfoHash == row.InfoHash && string.Equals(there.Route, row.Stored.Route, StringComparison.Ordinal)))
        {
            return new WriteResult(WriteOutcome.Created);
        }

        if (there.InfoHash != row.InfoHash)
        {
            edit.Remove(edit.Model.Find(toRoute, there.InfoHash)!, pieces: true);
        }

        return new WriteResult(WriteOutcome.Replaced);
    }

    /// <summary>A row in its new route, under a name that is free there.</summary>
    private static TorrentRow Settled(LibraryModel model, TorrentRow row, CatalogTorrent stored)
    {
        var name = stored.Name is null
            ? null
            : MountedName.Choose(stored.Name, stored.IsFolder, stored.InfoHash, n => model.IsTaken(stored.Route, n));
        return new TorrentRow(stored with { Name = name }, row.Title, null);
    }
}
