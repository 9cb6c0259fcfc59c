using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;

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

    /// <summary>Makes the routes of the configuration. Where one has the name of a torrent, the torrent is renamed: the configuration is what the owner wants.</summary>
    internal static void Configure(LibraryEdit edit, IEnumerable<(string Name, string Where)> configured, DateTimeOffset now)
    {
        foreach (var (name, where) in configured)
        {
            while (edit.Model.FindBlocking(name) is { } blocking)
            {
                var row = edit.Model.Find(blocking.Route, blocking.InfoHash)!;
                var aside = MountedName.Choose(
                    blocking.Name,
                    blocking.IsFolder,
                    blocking.InfoHash,
                    other => string.Equals(other, blocking.Name, StringComparison.Ordinal) || edit.Model.IsTaken(blocking.Route, other)
                );
                edit.Put(row.With(row.Stored with { Name = aside }));
            }

            var known = edit.Model.Find(name);
            if (known is null)
            {
                edit.Put(new CatalogRoute(name, now, Origins.File, []), where);
            }
            else if (known.Where is null)
            {
                edit.SetWhere(known, where);
            }
        }
    }

    /// <summary>What the engine is told of a torrent that was known before: its metadata, if there is any, is on disk.</summary>
    internal static TorrentSource SourceOf(TorrentRow row)
    {
        return row.Stored.Magnet is { } magnet && ParsedTorrent.TryReadMagnet(magnet, out var parsed, out _)
            ? parsed.Source
            : new TorrentSource(row.InfoHash, row.Stored.Name, [], []);
    }

    private static string? TitleOf(CatalogTorrent stored)
    {
        return stored.Magnet is { } magnet && ParsedTorrent.TryReadMagnet(magnet, out var parsed, out _) ? parsed.Title : null;
    }
}
