using Distribyted.FileSystem;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tree;

/// <summary>Dead properties (RFC 4918, section 4.1) of routes, torrents and small files.</summary>
internal sealed class LibraryProperties(LibraryStore store, RouteTree tree, Uploads uploads, SmallFiles files)
{
    private const int MaxProperties = 64;
    private const int MaxPropertyLength = 64 * 1024;

    public IReadOnlyList<DeadProperty> Get(VirtualPath path)
    {
        var model = store.Model;
        var place = TreePlace.Locate(model, path);
        return place.Kind switch
        {
            PlaceKind.Route => model.Find(place.Route)!.Stored.Properties,
            PlaceKind.Torrent => model.Find(place.Route, place.Torrent!.InfoHash)!.Stored.Properties,
            PlaceKind.Free => uploads.Find(place.Path)?.Properties ?? [],
            _ => [],
        };
    }

    /// <summary>Those of a folder's members that have any, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>> List(VirtualPath folder)
    {
        var model = store.Model;
        var place = TreePlace.Locate(model, folder);
        var left = new Dictionary<string, IReadOnlyList<DeadProperty>>(StringComparer.Ordinal);
        if (place.Kind is PlaceKind.Root or PlaceKind.Route or PlaceKind.Folder)
        {
            // In the order of rank, least first: of two with one name the listing shows the last.
            foreach (var upload in uploads.ListedIn(place.Path))
            {
                Keep(upload.Entry.Name, upload.Properties);
            }

            foreach (var row in model.Find(place.Route)?.Rows ?? [])
            {
                Keep(row.View.IsPending ? "" : row.View.Name, row.Stored.Properties);
            }

            var start = place.Route.Length == 0 ? 0 : place.Route.Length + 1;
            foreach (var route in start == 0 ? model.Routes : model.Below(place.Route))
            {
                Keep(route.Name.IndexOf('/', start) < 0 ? route.Name[start..] : "", route.Stored.Properties);
            }
        }

        return left;

        void Keep(string name, IReadOnlyList<DeadProperty> properties)
        {
            if (properties.Count > 0 && name.Length > 0)
            {
                left[name] = properties;
            }
        }
    }

    public async Task<WriteResult> SetAsync(VirtualPath path, IReadOnlyList<DeadProperty> changes, CancellationToken cancellationToken)
    {
        var place = TreePlace.Locate(store.Model, path);
        switch (place.Kind)
        {
            case PlaceKind.Root or PlaceKind.Folder:
                return new WriteResult(WriteOutcome.Forbidden, "Only routes and torrents keep properties.");
            case PlaceKind.Inside:
                return await tree.Table.FindAsync(path, cancellationToken) is null ? Refusals.NotFound(place) : Refusals.Inside(place);
            case PlaceKind.Free when files.Find(place.Path) is { } upload:
                var merged = LibraryEdit.Merge(upload.Properties, changes);
                if (WhyTooMany(merged) is { } tooMany)
                {
                    return tooMany;
                }

                uploads.SetProperties(place.Path, merged);
                return new WriteResult(WriteOutcome.Done);
            case PlaceKind.Free or PlaceKind.Nowhere:
                return Refusals.NotFound(place);
            default:
                return await store.ChangeAsync(
                    $"setting properties of {place.Path}",
                    edit => SetProperties(edit, place, changes),
                    cancellationToken
                );
        }
    }

    private static WriteResult SetProperties(LibraryEdit edit, TreePlace place, IReadOnlyList<DeadProperty> changes)
    {
        if (edit.Model.Find(place.Route) is not { } route)
        {
            return Refusals.NotFound(place);
        }

        if (place.Torrent is null)
        {
            var ofRoute = LibraryEdit.Merge(route.Stored.Properties, changes);
            if (WhyTooMany(ofRoute) is { } tooMany)
            {
                return tooMany;
            }

            edit.Put(route.Stored with { Properties = ofRoute }, route.Where);
            return new WriteResult(WriteOutcome.Done);
        }

        if (route.Find(place.Torrent.InfoHash) is not { } row)
        {
            return Refusals.NotFound(place);
        }

        var merged = LibraryEdit.Merge(row.Stored.Properties, changes);
        if (WhyTooMany(merged) is { } refusal)
        {
            return refusal;
        }

        edit.Put(row.With(row.Stored with { Properties = merged }));
        return new WriteResult(WriteOutcome.Done);
    }

    private static WriteResult? WhyTooMany(IReadOnlyList<DeadProperty> properties)
    {
        return
            properties.Count > MaxProperties || properties.Sum(p => p.Namespace.Length + p.Name.Length + p.Xml!.Length) > MaxPropertyLength
            ? new WriteResult(
                WriteOutcome.NoSpace,
                $"At most {MaxProperties} properties of {MaxPropertyLength} characters in all are kept."
            )
            : null;
    }
}
