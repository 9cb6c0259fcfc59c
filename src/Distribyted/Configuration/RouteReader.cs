using Distribyted.Archives.Options;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;

namespace Distribyted.Configuration;

/// <summary>Reads <c>routes:</c>. Torrents that cannot be found are no mistake; a link that can never be one is.</summary>
internal static class RouteReader
{
    private static readonly string[] RouteKeys = ["name", "torrents", "torrent_folder", "archives"];
    private static readonly string[] TorrentKeys = ["magnet_uri", "torrent_path"];

    public static void Read(Settings settings, ConfigNode node, ConfigurationReport report)
    {
        var routes = new List<ConfiguredRoute>();
        var modes = new Dictionary<VirtualPath, ArchiveMode>();
        foreach (var item in ObjectReader.Items("routes", node, RouteKeys, report))
        {
            var name = item.Text("name").Trim('/');
            if (item.Members.ContainsKey("name") && RouteName.Mistake(name) is { } wrong)
            {
                report.Wrong(item.Members["name"].Origin, $"{item.Path}.name", $"{item.Members["name"].Quote()} {wrong}");
            }
            else if (name.Length == 0)
            {
                report.Wrong(item.Origin, $"{item.Path}.name", "it is missing. Name the folder that the mount shows.");
            }

            if (item.Members.TryGetValue("archives", out var archives))
            {
                ReadArchives(name, archives, $"{item.Path}.archives", modes, report);
            }

            var folder = item.Text("torrent_folder");
            if (folder.Length > 0 && !Directory.Exists(folder))
            {
                report.Warn(item.Members["torrent_folder"].Origin, $"{item.Path}.torrent_folder", $"there is no folder {folder} yet.");
            }

            routes.Add(new ConfiguredRoute(name, Torrents(item, report), folder.Length == 0 ? null : folder, item.Origin.Place));
        }

        settings.Routes.Routes = routes;
        settings.Archives.Folders = modes;
    }

    private static void ReadArchives(
        string route,
        ConfigNode node,
        string path,
        Dictionary<VirtualPath, ArchiveMode> modes,
        ConfigurationReport report
    )
    {
        var index = Keys.ArchiveModes.ToList().FindIndex(mode => string.Equals(mode.Word, node.Text, StringComparison.OrdinalIgnoreCase));
        if (node.Kind != NodeKind.Text || index < 0)
        {
            report.Wrong(node.Origin, path, $"{node.Quote()} is not one of {string.Join(", ", Keys.ArchiveModes.Select(m => m.Word))}.");
        }
        else if (VirtualPath.TryParse(route, out var folder))
        {
            modes[folder] = Keys.ArchiveModes[index].Value;
        }
    }

    private static List<ConfiguredTorrent> Torrents(ObjectReader route, ConfigurationReport report)
    {
        var torrents = new List<ConfiguredTorrent>();
        if (!route.Members.TryGetValue("torrents", out var list))
        {
            return torrents;
        }

        foreach (var item in ObjectReader.Items($"{route.Path}.torrents", list, TorrentKeys, report))
        {
            var magnet = item.Text("magnet_uri");
            var path = item.Text("torrent_path");
            if (magnet.Length == 0 && path.Length == 0)
            {
                report.Wrong(item.Origin, item.Path, "neither magnet_uri nor torrent_path. Name one of them.");
                continue;
            }

            if (magnet.Length > 0)
            {
                var node = item.Members["magnet_uri"];
                if (MagnetCheck.Check(magnet) is { } mistake)
                {
                    Action<Origin, string, string> tell = mistake.IsLater ? report.Warn : report.Wrong;
                    tell(node.Origin, $"{item.Path}.magnet_uri", mistake.Problem);
                }
                else
                {
                    torrents.Add(new ConfiguredTorrent(magnet, null, node.Origin.Place));
                }
            }

            if (path.Length > 0)
            {
                var node = item.Members["torrent_path"];
                if (!File.Exists(path))
                {
                    report.Warn(node.Origin, $"{item.Path}.torrent_path", $"there is no file {path} yet.");
                }

                torrents.Add(new ConfiguredTorrent(null, path, node.Origin.Place));
            }
        }

        return torrents;
    }
}
