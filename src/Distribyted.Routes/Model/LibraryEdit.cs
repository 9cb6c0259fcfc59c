using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Model;

/// <summary>A change of the library under way: the new model and what the catalog must remember, always in step. Not thread-safe.</summary>
internal sealed class LibraryEdit(LibraryModel model)
{
    private readonly List<CatalogChange> _changes = [];
    private readonly List<InfoHash> _added = [];
    private readonly Dictionary<InfoHash, bool> _dropped = [];

    internal LibraryModel Model { get; private set; } = model;

    /// <summary>What the catalog must make durable, in order.</summary>
    internal IReadOnlyList<CatalogChange> Changes => _changes;

    /// <summary>Torrents given to the engine for this change; they go again when it fails.</summary>
    internal IReadOnlyList<InfoHash> Added => _added;

    /// <summary>Torrents that a route has given up, and whether their pieces should go.</summary>
    internal IReadOnlyDictionary<InfoHash, bool> Dropped => _dropped;

    internal void Add(InfoHash hash)
    {
        _added.Add(hash);
    }

    internal void Put(CatalogRoute route, string? where)
    {
        Model = Model.Put(Model.Find(route.Name)?.With(route, where) ?? RouteModel.Create(route, where));
        _changes.Add(new CatalogChange.PutRoute(route));
    }

    /// <summary>Makes a route unless it is there.</summary>
    internal void EnsureRoute(string route, DateTimeOffset now, string origin)
    {
        if (Model.Find(route) is null)
        {
            Put(new CatalogRoute(route, now, origin, []), null);
        }
    }

    internal void RemoveRoute(string route)
    {
        Model = Model.Remove(route);
        _changes.Add(new CatalogChange.RemoveRoute(route));
    }

    internal void Put(TorrentRow row)
    {
        Model = Model.Put(row);
        _changes.Add(new CatalogChange.PutTorrent(row.Stored));
    }

    /// <summary>Notes which place names a torrent, for clients; the catalog does not remember it.</summary>
    internal void SetWhere(TorrentRow row, string? where)
    {
        if (!ReferenceEquals(row, row.At(where)))
        {
            Model = Model.Put(row.At(where));
        }
    }

    /// <summary>Notes which place names a route, for clients.</summary>
    internal void SetWhere(RouteModel route, string? where)
    {
        Model = Model.Put(route.With(route.Stored, where));
    }

    internal void Remove(TorrentRow row, bool pieces)
    {
        Model = Model.Remove(row.Stored.Route, row.InfoHash);
        _changes.Add(new CatalogChange.RemoveTorrent(row.Stored.Route, row.InfoHash));
        _dropped[row.InfoHash] = pieces || _dropped.GetValueOrDefault(row.InfoHash);
    }

    /// <summary>Shows a torrent in its route under a free name, now that its metadata is here.</summary>
    internal void Mount(TorrentRow row, TorrentFacts facts)
    {
        var route = row.Stored.Route;
        var name = MountedName.Choose(facts.Name, facts.IsFolder, row.InfoHash, n => Model.IsTaken(route, n));
        Put(
            row.With(row.Stored with { Name = name, IsFolder = facts.IsFolder, Length = facts.LengthOf(row.View.Selection), Upload = null })
        );
    }

    /// <summary>Changes properties of a list, all of them at once; null removes.</summary>
    internal static IReadOnlyList<DeadProperty> Merge(IReadOnlyList<DeadProperty> old, IReadOnlyList<DeadProperty> changes)
    {
        var merged = new List<DeadProperty>(old);
        foreach (var change in changes)
        {
            merged.RemoveAll(p =>
                string.Equals(p.Name, change.Name, StringComparison.Ordinal)
                && string.Equals(p.Namespace, change.Namespace, StringComparison.Ordinal)
            );
            if (change.Xml is not null)
            {
                merged.Add(change);
            }
        }

        return merged;
    }
}
