using Distribyted.FileSystem;

namespace Distribyted.Routes.Model;

/// <summary>Which routes may be made, renamed and removed, and what that changes. Pure: an edit in, a result out.</summary>
internal static class RouteChanges
{
    /// <summary>Whether a route of this name may be made.</summary>
    /// <returns><see cref="WriteOutcome.Created"/> if so; else a refusal with its reason.</returns>
    internal static WriteResult CheckRoute(LibraryModel model, string route)
    {
        if (RouteName.WhyNot(route) is { } reason)
        {
            return new WriteResult(WriteOutcome.Forbidden, reason);
        }

        if (model.Find(model.CanonicalName(route)) is not null)
        {
            return new WriteResult(WriteOutcome.Exists, $"There is a route \"{route}\" already.");
        }

        return model.FindBlocking(route) is { } blocking
            ? new WriteResult(WriteOutcome.Exists, $"The torrent \"{blocking.Name}\" has that name in route \"{blocking.Route}\".")
            : new WriteResult(WriteOutcome.Created);
    }

    internal static WriteResult RenameRoute(LibraryEdit edit, string route, string newName)
    {
        route = edit.Model.CanonicalName(route);
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
            return new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(fixedRoute.Name, fixedRoute.Where!));
        }

        if (newName.StartsWith(route + "/", StringComparison.Ordinal) || string.Equals(route, newName, StringComparison.Ordinal))
        {
            return new WriteResult(WriteOutcome.Forbidden, $"Route \"{route}\" cannot become \"{newName}\": that is itself or lies in it.");
        }

        if (CheckRoute(edit.Model, newName) is { Succeeded: false } refusal)
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
        route = edit.Model.CanonicalName(route);
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
                return new WriteResult(WriteOutcome.Forbidden, WhereNamed.WhyFixed(found.Name, where));
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
}
