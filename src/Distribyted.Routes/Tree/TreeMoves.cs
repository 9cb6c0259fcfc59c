using Distribyted.FileSystem;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tree;

/// <summary>What MOVE and COPY mean in the tree: of a route, of a torrent, of a small file.</summary>
internal sealed class TreeMoves(LibraryStore store, LibraryChanges changes, RouteTree tree, Uploads uploads, SmallFiles files)
{
    internal async Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        var model = store.Model;
        var source = TreePlace.Locate(model, from);
        var target = TreePlace.Locate(model, to);
        if (await CheckSourceAsync(source, cancellationToken) is { } noSource)
        {
            return noSource;
        }

        if (source.Path == target.Path && string.Equals(from.Name, to.Name, StringComparison.Ordinal))
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination are the same.");
        }

        if (source.Kind is PlaceKind.Route or PlaceKind.Folder)
        {
            return await MoveRouteAsync(source, target, overwrite, cancellationToken);
        }

        if (source.Kind == PlaceKind.Torrent)
        {
            if (CheckTarget(source, target, overwrite) is { } noTarget)
            {
                return noTarget;
            }

            RemoveReplaced(target);
            return await changes.MoveAsync(MoveOf(source, target, to.Name, overwrite), cancellationToken);
        }

        var copied = await files.CopyAsync(source, target, overwrite, cancellationToken);
        if (copied.Succeeded)
        {
            uploads.Remove(source.Path);
        }

        return copied;
    }

    internal async Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    )
    {
        var model = store.Model;
        var source = TreePlace.Locate(model, from);
        var target = TreePlace.Locate(model, to);
        if (await CheckSourceAsync(source, cancellationToken) is { } noSource)
        {
            return noSource;
        }

        if (source.Kind is PlaceKind.Route or PlaceKind.Folder)
        {
            return new WriteResult(WriteOutcome.Forbidden, "A route cannot be copied; copy its torrents.");
        }

        if (source.Path == target.Path)
        {
            return new WriteResult(WriteOutcome.Forbidden, "Source and destination are the same.");
        }

        if (source.Kind != PlaceKind.Torrent)
        {
            return await files.CopyAsync(source, target, overwrite, cancellationToken);
        }

        if (!members && source.Torrent!.IsFolder)
        {
            return new WriteResult(WriteOutcome.Forbidden, "A torrent cannot be copied without its files.");
        }

        if (CheckTarget(source, target, overwrite) is { } noTarget)
        {
            return noTarget;
        }

        RemoveReplaced(target);
        return await changes.CopyAsync(MoveOf(source, target, to.Name, overwrite), cancellationToken);
    }

    private static TorrentMove MoveOf(TreePlace source, TreePlace target, string newName, bool replace)
    {
        return new TorrentMove(source.Route, source.Torrent!.InfoHash, target.Route, newName, replace);
    }

    /// <summary>Removes the small file that has the name where a torrent goes.</summary>
    private void RemoveReplaced(TreePlace target)
    {
        if (target.Kind == PlaceKind.Free)
        {
            uploads.Remove(target.Path);
        }
    }

    private async Task<WriteResult> MoveRouteAsync(TreePlace source, TreePlace target, bool overwrite, CancellationToken cancellationToken)
    {
        var name = target.Path.Value[1..];
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return Refusals.NoParent(target);
            case PlaceKind.Inside:
                return Refusals.Inside(target);
            case PlaceKind.Free when files.Find(target.Path) is null:
                return await changes.RenameRouteAsync(source.Route, name, cancellationToken);
            case PlaceKind.Route when !overwrite:
                return new WriteResult(WriteOutcome.Exists, $"There is a route \"{target.Route}\" already.");
            case PlaceKind.Route
                when source.Route != target.Route && !target.Path.StartsWith(source.Path) && !source.Path.StartsWith(target.Path):
                var removed = await changes.RemoveRouteAsync(target.Route, cancellationToken);
                if (!removed.Succeeded)
                {
                    return removed;
                }

                var renamed = await changes.RenameRouteAsync(source.Route, name, cancellationToken);
                return renamed.Succeeded ? new WriteResult(WriteOutcome.Replaced) : renamed;
            case PlaceKind.Root:
                return new WriteResult(WriteOutcome.Forbidden, "A route cannot take the place of the root.");
            default:
                return overwrite
                    ? new WriteResult(WriteOutcome.Forbidden, $"A route cannot take the place of \"{target.Name}\".")
                    : new WriteResult(WriteOutcome.Exists, $"There is a \"{target.Name}\" already.");
        }
    }

    /// <summary>Why nothing can be moved or copied from here; null if it can.</summary>
    private async ValueTask<WriteResult?> CheckSourceAsync(TreePlace source, CancellationToken cancellationToken)
    {
        return source.Kind switch
        {
            PlaceKind.Root => new WriteResult(WriteOutcome.Forbidden, "The root stays."),
            PlaceKind.Inside => await tree.Table.FindAsync(source.Path, cancellationToken) is null
                ? Refusals.NotFound(source)
                : Refusals.Inside(source),
            PlaceKind.Nowhere => Refusals.NotFound(source),
            PlaceKind.Free when files.Find(source.Path) is null => Refusals.NotFound(source),
            _ => null,
        };
    }

    /// <summary>Why a torrent cannot go there; null if it can.</summary>
    private WriteResult? CheckTarget(TreePlace source, TreePlace target, bool overwrite)
    {
        switch (target.Kind)
        {
            case PlaceKind.Nowhere:
                return Refusals.NoParent(target);
            case PlaceKind.Inside:
                return Refusals.Inside(target);
            case PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder:
                return overwrite
                    ? new WriteResult(WriteOutcome.Forbidden, $"A torrent cannot take the place of the folder \"{target.Name}\".")
                    : new WriteResult(WriteOutcome.Exists, $"There is a folder \"{target.Name}\" already.");
            case PlaceKind.Torrent:
                var isItself = target.Torrent!.InfoHash == source.Torrent!.InfoHash && target.Route == source.Route;
                return overwrite || isItself ? null : new WriteResult(WriteOutcome.Exists, $"There is a \"{target.Name}\" already.");
            case PlaceKind.Free when target.Route.Length == 0:
                return new WriteResult(WriteOutcome.Forbidden, "A torrent lies in a route: make a folder for it first.");
            case PlaceKind.Free when files.Find(target.Path) is not null && !overwrite:
                return new WriteResult(WriteOutcome.Exists, $"There is a file \"{target.Name}\" already.");
            default:
                return null;
        }
    }
}
