using System.Numerics;
using Distribyted.Routes.Sharing;

namespace Distribyted.Configuration;

/// <summary>Reads <c>servers:</c>, the folders that are shared.</summary>
internal static class ServerReader
{
    private static readonly string[] Known = ["name", "path", "trackers", "tracker_url", "watcher_interval", "piece_size", "private"];
    private static readonly Limits Quiet = new(1, 3600);

    public static void Read(Settings settings, ConfigNode node, ConfigurationReport report)
    {
        var servers = new List<ConfiguredServer>();
        foreach (var item in ObjectReader.Items("servers", node, Known, report))
        {
            var name = item.Text("name");
            var path = item.Text("path");
            Need(item, "name", name, report);
            Need(item, "path", path, report);
            if (name.Length > 0 && servers.Any(s => s.Name == name))
            {
                report.Wrong(item.Members["name"].Origin, $"{item.Path}.name", $"\"{name}\" is there twice. Names of servers are unique.");
            }

            var url = item.Text("tracker_url");
            if (url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            {
                report.Warn(
                    item.Members["tracker_url"].Origin,
                    $"{item.Path}.tracker_url",
                    $"\"{url}\" is not the http(s) address of a list of trackers; \"trackers\" are used. Single trackers go there."
                );
                url = "";
            }

            servers.Add(
                new ConfiguredServer(
                    name,
                    path,
                    item.Texts("trackers", Keys.Tracker),
                    url.Length == 0 ? null : url,
                    QuietTime(item, report),
                    PieceLength(item, report),
                    IsPrivate(item, report),
                    item.Origin.Place
                )
            );
        }

        settings.Routes.Servers = servers;
    }

    private static void Need(ObjectReader item, string key, string value, ConfigurationReport report)
    {
        if (value.Length == 0)
        {
            report.Wrong(item.Origin, $"{item.Path}.{key}", "it is missing.");
        }
    }

    private static TimeSpan QuietTime(ObjectReader item, ConfigurationReport report)
    {
        if (!item.Members.TryGetValue("watcher_interval", out var node))
        {
            return TimeSpan.FromSeconds(5);
        }

        if (node.Kind == NodeKind.Text && Units.TrySeconds(node.Text, 1, out var seconds) && Quiet.Takes(seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        report.Wrong(node.Origin, $"{item.Path}.watcher_interval", $"{node.Quote()} is not a number of seconds. {Quiet}");
        return TimeSpan.FromSeconds(5);
    }

    private static int PieceLength(ObjectReader item, ConfigurationReport report)
    {
        if (!item.Members.TryGetValue("piece_size", out var node))
        {
            return 512 << 10; // as in every version: the same folder gives the same info hash
        }

        if (
            node.Kind == NodeKind.Text
            && Units.TrySize(node.Text, 1 << 10, out var bytes)
            && bytes is >= 16 << 10 and <= 65536 << 10
            && BitOperations.IsPow2((int)bytes)
        )
        {
            return (int)bytes;
        }

        report.Wrong(node.Origin, $"{item.Path}.piece_size", $"{node.Quote()} is not a piece size. Use KB, a power of two, 16 to 65536.");
        return 512 << 10;
    }

    private static bool IsPrivate(ObjectReader item, ConfigurationReport report)
    {
        if (!item.Members.TryGetValue("private", out var node))
        {
            return false;
        }

        if (!node.TryBool(out var value))
        {
            report.Wrong(node.Origin, $"{item.Path}.private", $"{node.Quote()} is not true or false.");
        }

        return value;
    }
}
