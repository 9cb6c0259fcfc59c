namespace Distribyted.Configuration;

/// <summary>Keys of capabilities that are not built yet. They are known, checked for spelling, and named once: no key is accepted in
/// silence without an effect. A key that asks for exactly what happens anyway (<c>disable_dht: true</c>) needs no word.</summary>
internal static class LaterKeys
{
    // Path and the value that is true already; an empty one: none is.
    private static readonly Dictionary<string, string> Inert = new(StringComparer.Ordinal)
    {
        ["http.base_path"] = "\"\"",
        ["http.allowed_hosts"] = "[]",
        ["http.trusted_proxies"] = "[]",
        ["http.pprof"] = "false",
        ["auth.session_timeout"] = "",
        ["auth.link_lifetime"] = "",
        ["auth.tokens"] = "[]",
        ["torrent.bind_interface"] = "\"\"",
        ["torrent.disable_tcp"] = "false",
        ["torrent.disable_utp"] = "true",
        ["torrent.disable_dht"] = "true",
        ["torrent.disable_upnp"] = "true",
        ["torrent.disable_lsd"] = "true",
        ["torrent.disable_webseeds"] = "true",
        ["torrent.encryption"] = "disable",
        ["torrent.dht_bootstrap"] = "[]",
        ["torrent.extra_trackers_url"] = "\"\"",
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
        ["archives.mode"] = "off",
        ["archives.depth"] = "",
        ["archives.passwords"] = "[]",
        ["archives.passwords_file"] = "\"\"",
        ["archives.max_entries"] = "",
        ["archives.max_ratio"] = "",
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

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["http.pprof"] = "has no effect here; use dotnet-trace.",
        ["torrent.responsive_reads"] = "has no effect here; first bytes are early without serving unverified data.",
        ["database.type"] = "routes are kept in LiteDB in the metadata folder; nothing else is in this version yet.",
        ["torrent.disable_tcp"] = "uTP is not in this version yet, so TCP stays on.",
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

    /// <summary>The word to people about this key; null when the value is what happens anyway.</summary>
    public static string? Warning(string path, ConfigNode node)
    {
        var shown = node.Kind switch
        {
            NodeKind.List => node.Items.Count == 0 ? "[]" : "[...]",
            NodeKind.Map => "{...}",
            _ when node.Text.Length == 0 => "\"\"",
            _ when Key.TryBool(node, out var value) && Inert[path] is "true" or "false" => value ? "true" : "false",
            _ => node.Text,
        };
        if (shown == Inert[path])
        {
            return null;
        }

        return Words.TryGetValue(path, out var words) ? words : "not in this version yet; it has no effect.";
    }
}
