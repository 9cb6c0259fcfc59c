using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;

namespace Distribyted.Routes.Store;

/// <summary>The library at start: what the catalog remembers, and the routes that the configuration names.</summary>
internal static class LibraryStart
{
    internal static LibraryModel Build(CatalogContent content)
    {
        var model = LibraryModel.Empty;
        foreach (var route in content.Routes)
        {
            model = model.Put(RouteModel.Create(route, null));
        }

        foreach (var torrents in content.Torrents.GroupBy(t => t.Route, StringComparer.Ordinal))
        {
            var first = torrents.First();
            var route = model.Find(torrents.Key) ?? RouteModel.Create(new CatalogRoute(first.Route, first.Added, first.Origin, []), null);
            foreach (var stored in torrents.OrderBy(t => t.Added))
            {
                route = route.Put(new TorrentRow(stored, stored.Name is null ? TitleOf(stored) : null, null));
            }

            model = model.Put(route);
        }

        return model;
    }

    /// <summary>Makes the routes of the configuration. Where one has the name of a torrent, the torrent steps aside: a file is the owner's word.</summary>
    internal static void Configure(LibraryEdit edit, IReadOnlyList<ConfiguredRoute> configured, DateTimeOffset now)
    {
        foreach (var route in configured)
        {
            while (edit.Model.Obstacle(route.Name) is { } obstacle)
            {
                var row = edit.Model.Find(obstacle.Route, obstacle.InfoHash)!;
                var aside = MountedName.Choose(
                    obstacle.Name,
                    obstacle.IsFolder,
                    obstacle.InfoHash,
                    name => string.Equals(name, obstacle.Name, StringComparison.Ordinal) || edit.Model.IsTaken(obstacle.Route, name)
                );
                edit.Put(row.With(row.Stored with { Name = aside }));
            }

            var known = edit.Model.Find(route.Name);
            if (known is null)
            {
                edit.Put(new CatalogRoute(route.Name, now, Origins.File, []), route.Where);
            }
            else if (known.Where is null)
            {
                edit.Place(known, route.Where);
            }
        }
    }

    /// <summary>What the engine is told of a torrent that was known before: its metadata, if there is any, is on disk.</summary>
    internal static TorrentSource SourceOf(TorrentRow row)
    {
        return row.Stored.Magnet is { } magnet && Newcomer.TryReadMagnet(magnet, out var newcomer, out _)
            ? newcomer.Source
            : new TorrentSource(row.InfoHash, row.Stored.Name, [], []);
    }

    private static string? TitleOf(CatalogTorrent stored)
    {
        return stored.Magnet is { } magnet && Newcomer.TryReadMagnet(magnet, out var newcomer, out _) ? newcomer.Title : null;
    }
}
