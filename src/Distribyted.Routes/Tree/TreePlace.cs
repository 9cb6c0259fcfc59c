using Distribyted.FileSystem;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tree;

/// <summary>A path of the tree, looked up in the library.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The path, its route spelled as the library does.</param>
/// <param name="Route">The route or folder that it is or lies in; empty for the root.</param>
/// <param name="Name">The last segment.</param>
/// <param name="Torrent">The torrent that it is or lies in.</param>
internal sealed record TreePlace(PlaceKind Kind, VirtualPath Path, string Route, string Name, LibraryTorrent? Torrent)
{
    internal static TreePlace Locate(LibraryModel model, VirtualPath path)
    {
        if (path.IsRoot)
        {
            return new TreePlace(PlaceKind.Root, path, "", "", null);
        }

        var whole = model.CanonicalName(path.Value[1..]);
        if (model.IsFolder(whole))
        {
            var kind = model.Find(whole) is null ? PlaceKind.Folder : PlaceKind.Route;
            return new TreePlace(kind, VirtualPath.Parse("/" + whole), whole, path.Name, null);
        }

        var segments = path.Segments;
        for (var depth = segments.Length - 1; depth >= 0; depth--)
        {
            var folder = model.CanonicalName(string.Join('/', segments[..depth]));
            if (!model.IsFolder(folder))
            {
                continue;
            }

            var spelled = VirtualPath.Parse((folder.Length == 0 ? "" : "/" + folder) + "/" + string.Join('/', segments[depth..]));
            var torrent = model.Find(folder)?.FindAnySpelling(segments[depth]);
            if (torrent is not null)
            {
                var kind = depth == segments.Length - 1 ? PlaceKind.Torrent : PlaceKind.Inside;
                return new TreePlace(kind, spelled, folder, path.Name, torrent);
            }

            return new TreePlace(depth == segments.Length - 1 ? PlaceKind.Free : PlaceKind.Nowhere, spelled, folder, path.Name, null);
        }

        return new TreePlace(PlaceKind.Nowhere, path, "", path.Name, null);
    }
}
