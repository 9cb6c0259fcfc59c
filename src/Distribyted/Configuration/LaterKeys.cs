namespace Distribyted.Configuration;

/// <summary>Keys of capabilities that are not built yet. They are known and checked for spelling, and none is accepted in silence without an effect:
/// one that would add something is a warning, one that would keep something from happening ends the start, because it would happen.</summary>
internal static class LaterKeys
{
    // Path and the value that is true already; an empty one: none is.
    private static readonly Dictionary<string, string> Inert = new(StringComparer.Ordinal)
    {
        ["http.pprof"] = "false",
        ["auth.link_lifetime"] = "",
        ["auth.tokens"] = "[]",
        ["torrent.bind_interface"] = "\"\"",
        ["torrent.block_list"] = "\"\"",
        ["torrent.block_list_refresh"] = "",
        ["torrent.proxy_url"] = "\"\"",
        ["torrent.proxy_url_file"] = "\"\"",
        ["torrent.proxy_scope"] = "",
        ["torrent.rate_schedule"] = "[]",
        ["torrent.responsive_reads"] = "false",
        ["torrent.seed_ratio_limit"] = "-1",
        ["torrent.seed_time_limit"] = "-1",
        ["torrent.max_awake_torrents"] = "0",
        ["fuse.enabled"] = "false",
        ["fuse.path"] = "",
        ["fuse.allow_other"] = "false",
        ["streaming.hls"] = "false",
        ["streaming.hls_segment_duration"] = "",
        ["streaming.hls_idle_timeout"] = "",
        ["streaming.hls_heights"] = "[]",
        ["streaming.max_transcodes"] = "",
        ["streaming.hardware"] = "off",
        ["streaming.ffmpeg"] = "",
        ["streaming.ffprobe"] = "",
        ["streaming.buffer_size"] = "",
        ["streaming.play_links"] = "false",
        ["streaming.play_links_keep"] = "",
        ["security.enable_cors"] = "false",
        ["security.allowed_origins"] = "[]",
        ["security.rate_limit"] = "0",
        ["security.rate_limit_burst"] = "0",
        ["metrics.enabled"] = "false",
        ["metrics.public"] = "false",
        ["metrics.otlp_endpoint"] = "\"\"",
        ["metrics.otlp_protocol"] = "",
        ["metrics.traces"] = "false",
        ["compatibility.qbittorrent"] = "false",
        ["compatibility.torrserver"] = "false",
        ["compatibility.tod_p2m"] = "false",
        ["compatibility.mount_path"] = "\"\"",
        ["database.type"] = "litedb",
        ["database.dsn"] = "\"\"",
    };

    // What a warning says instead of the usual text.
    private static readonly Dictionary<string, string> Messages = new(StringComparer.Ordinal)
    {
        ["http.pprof"] = "has no effect here; use dotnet-trace.",
        ["torrent.responsive_reads"] = "has no effect here; first bytes are early without serving unverified data.",
        ["database.type"] = "routes are kept in LiteDB in the metadata folder; nothing else is in this version yet.",
    };

    // Keys that restrict: who can see this machine, who can connect, what is sent, how much. What happens without them, and what there is instead.
    private static readonly Dictionary<string, string> Restrictions = new(StringComparer.Ordinal)
    {
        ["torrent.bind_interface"] =
            "traffic would leave by any interface; torrent.bind_address with the address of that interface keeps it there",
        ["torrent.block_list"] = "the addresses in it would be spoken to",
        ["torrent.proxy_url"] = "peers and trackers would see this machine's own address",
        ["torrent.proxy_url_file"] = "peers and trackers would see this machine's own address",
        ["torrent.rate_schedule"] =
            "the line would not be limited; torrent.download_rate_limit and torrent.upload_rate_limit hold at all hours",
        ["torrent.seed_ratio_limit"] = "uploading would not end; torrent.seed: false ends it",
        ["torrent.seed_time_limit"] = "uploading would not end; torrent.seed: false ends it",
        ["security.rate_limit"] = "requests would not be limited",
        ["data_cap"] = "the line would not be limited; torrent.download_rate_limit and torrent.upload_rate_limit are",
    };

    // Whole sections that are reserved.
    private static readonly HashSet<string> Sections = new(StringComparer.Ordinal)
    {
        "mdns",
        "dlna",
        "search",
        "rss",
        "prefetch",
        "data_cap",
        "scan_shield",
        "cluster",
        "redis",
    };

    public static IReadOnlyCollection<string> All => Inert.Keys;

    public static bool IsKnown(string path)
    {
        return Inert.ContainsKey(path);
    }

    public static bool IsReservedSection(string name)
    {
        return Sections.Contains(name);
    }

    /// <summary>Whether a key restricts something, so that leaving it out by mistake lets something through.</summary>
    public static bool Restricts(string path)
    {
        return Restrictions.ContainsKey(path);
    }

    /// <summary>Reports a key or reserved section that is given, unless the value asks for what happens anyway.</summary>
    /// <param name="origin">Where it stands.</param>
    /// <param name="path">One of <see cref="All"/>, or a reserved section.</param>
    /// <param name="node">The value.</param>
    /// <param name="report">Takes the mistake or warning.</param>
    public static void Report(Origin origin, string path, ConfigNode node, ConfigurationReport report)
    {
        if (node.Kind == NodeKind.Null || IsInert(path, node))
        {
            return;
        }

        if (Restrictions.TryGetValue(path, out var without))
        {
            report.Wrong(origin, path, $"it is not in this version yet, and without it {without}. Remove it if that is all right.");
            return;
        }

        report.Warn(origin, path, Messages.TryGetValue(path, out var message) ? message : "not in this version yet; it has no effect.");
    }

    private static bool IsInert(string path, ConfigNode node)
    {
        if (!Inert.TryGetValue(path, out var inert))
        {
            return false; // a section
        }

        var shown = node.Kind switch
        {
            NodeKind.List => node.Items.Count == 0 ? "[]" : "[...]",
            NodeKind.Map => "{...}",
            _ when node.Text.Length == 0 => "\"\"",
            _ when node.TryBool(out var value) && inert is "true" or "false" => value ? "true" : "false",
            _ => node.Text,
        };
        return shown == inert || (shown is "[]" or "\"\"" && inert is "[]" or "\"\"");
    }
}
