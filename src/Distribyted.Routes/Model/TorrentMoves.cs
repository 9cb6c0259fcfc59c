using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Model;

/// <summary>Which torrents may be moved, renamed and copied among routes, and what that changes. Pure: an edit in, a result out.</summary>
internal static class TorrentMoves
{
    /// <summary>Moves a torrent, or renames it. A new name must be free, or be that of a torrent which may be replaced; without one it gets a
    /// suffix where its own is taken.</summary>
    internal static WriteResult Move(LibraryEdit edit, TorrentMove move, DateTimeOffset now)
    {
        move = WithCanonicalNames(edit.Model, move);
        if (Check(edit.Model, move, out var row) is { } refusal)
        {
            return refusal;
        }

        if (row.Where is { } where)
        {
            return new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(row.View.Name, where));
        }

        var done = RemoveReplaced(edit, row, move);
        if (string.Equals(move.Route, move.ToRoute, StringComparison.Ordinal))
        {
            if (move.NewName is { } newName && !string.Equals(newName, row.Stored.Name, StringComparison.Ordinal))
            {
                edit.Put(row.With(row.Stored with { Name = newName }));
            }

            return done;
        }

        if (edit.Model.Find(move.ToRoute, move.InfoHash) is not null)
        {
            edit.Remove(row, pieces: false);
            return new WriteResult(WriteOutcome.Replaced);
        }

        edit.EnsureRoute(move.ToRoute, now, Origins.Api);
        edit.Remove(row, pieces: false);
        edit.Put(WithFreeName(edit.Model, row, row.Stored with { Route = move.ToRoute, Name = move.NewName ?? row.Stored.Name }));
        return done;
    }

    /// <summary>Adds a torrent to another route as well.</summary>
    internal static WriteResult Copy(LibraryEdit edit, TorrentMove move, DateTimeOffset now)
    {
        move = WithCanonicalNames(edit.Model, move);
        if (Check(edit.Model, move, out var row) is { } refusal)
        {
            return refusal;
        }

        if (edit.Model.Find(move.ToRoute, move.InfoHash) is { } there)
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                $"Route \"{move.ToRoute}\" already has this torrent, as \"{there.View.Name}\"; a route holds a torrent once."
            );
        }

        var done = RemoveReplaced(edit, row, move);
        edit.EnsureRoute(move.ToRoute, now, Origins.Mount);
        var copy = row.Stored with
        {
            Route = move.ToRoute,
            Name = move.NewName ?? row.Stored.Name,
            Added = now,
            Origin = Origins.Mount,
            Upload = null,
        };
        edit.Put(WithFreeName(edit.Model, row, copy));
        return done;
    }

    private static TorrentMove WithCanonicalNames(LibraryModel model, TorrentMove move)
    {
        return move with { Route = model.CanonicalName(move.Route), ToRoute = model.CanonicalName(move.ToRoute) };
    }

    /// <summary>Why the torrent cannot go there under that name; null if it can.</summary>
    private static WriteResult? Check(LibraryModel model, TorrentMove move, out TorrentRow row)
    {
        row = model.Find(move.Route, move.InfoHash)!;
        if (row is null)
        {
            return new WriteResult(WriteOutcome.NotFound, $"Route \"{move.Route}\" has no torrent {move.InfoHash}.");
        }

        if (RouteName.WhyNot(move.ToRoute) is { } reason)
        {
            return new WriteResult(WriteOutcome.Forbidden, reason);
        }

        if (model.FindBlocking(move.ToRoute) is { } blocking)
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{move.ToRoute}\" is not a route: the torrent \"{blocking.Name}\" lies there."
            );
        }

        return move.NewName is { } newName ? CheckName(model, move, row, newName) : null;
    }

    private static WriteResult? CheckName(LibraryModel model, TorrentMove move, TorrentRow row, string newName)
    {
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
            string.Equals(move.Route, move.ToRoute, StringComparison.Ordinal)
            && string.Equals(newName, row.Stored.Name, StringComparison.Ordinal);
        if (isItself || !model.IsTaken(move.ToRoute, newName))
        {
            return null;
        }

        if (!move.Replace)
        {
            return new WriteResult(WriteOutcome.Exists, $"There is a \"{newName}\" in route \"{move.ToRoute}\" already.");
        }

        return model.Find(move.ToRoute)?.FindShown(newName) switch
        {
            null => new WriteResult(
                WriteOutcome.Forbidden,
                $"\"{newName}\" in \"{move.ToRoute}\" is a route; a torrent cannot replace it."
            ),
            { Where: { } where } => new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(newName, where)),
            _ => null,
        };
    }

    /// <summary>Removes the torrent that has the new name.</summary>
    /// <returns><see cref="WriteOutcome.Replaced"/> if there is one, else <see cref="WriteOutcome.Created"/>.</returns>
    private static WriteResult RemoveReplaced(LibraryEdit edit, TorrentRow row, TorrentMove move)
    {
        var there = move.NewName is { } newName ? edit.Model.Find(move.ToRoute)?.FindShown(newName) : null;
        if (there is null || (there.InfoHash == row.InfoHash && string.Equals(there.Route, row.Stored.Route, StringComparison.Ordinal)))
        {
            return new WriteResult(WriteOutcome.Created);
        }

        if (there.InfoHash != row.InfoHash)
        {
            edit.Remove(edit.Model.Find(move.ToRoute, there.InfoHash)!, pieces: true);
        }

        return new WriteResult(WriteOutcome.Replaced);
    }

    /// <summary>The row for its new route, under a name that is free there.</summary>
    private static TorrentRow WithFreeName(LibraryModel model, TorrentRow row, CatalogTorrent stored)
    {
        var name = stored.Name is null
            ? null
            : MountedName.Choose(stored.Name, stored.IsFolder, stored.InfoHash, n => model.IsTaken(stored.Route, n));
        return new TorrentRow(stored with { Name = name }, row.Title, null);
    }
}
