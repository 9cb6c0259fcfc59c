namespace Distribyted.Configuration;

/// <summary>Did you mean? A guess by edit distance, by a key that stands in another section, or by a name of another program.</summary>
internal static class Spelling
{
    private const int MaxDistance = 2;

    // Names that tod-p2m and its relatives use for what is here another key.
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["port"] = "http.port",
        ["server.port"] = "http.port",
        ["server.host"] = "http.ip",
        ["logging.level"] = "log.level",
        ["logging.format"] = "log.format",
        ["log_level"] = "log.level",
        ["max_connections"] = "torrent.max_connections",
        ["download_rate_limit"] = "torrent.download_rate_limit",
        ["max_download_speed"] = "torrent.download_rate_limit",
        ["upload_rate_limit"] = "torrent.upload_rate_limit",
        ["max_upload_speed"] = "torrent.upload_rate_limit",
        ["rate_limit"] = "security.rate_limit",
        ["rate_limit_burst"] = "security.rate_limit_burst",
        ["tcp_port"] = "torrent.listen_port",
        ["udp_port"] = "torrent.listen_port",
        ["enable_dht"] = "torrent.disable_dht",
        ["enable_pex"] = "torrent.disable_pex",
        ["enable_webseeds"] = "torrent.disable_webseeds",
        ["enable_lsd"] = "torrent.disable_lsd",
        ["enable_upnp"] = "torrent.disable_upnp",
        ["max_peers_per_torrent"] = "torrent.max_conns_per_torrent",
        ["max_peers"] = "torrent.max_conns_per_torrent",
        ["seed_ratio_limit"] = "torrent.seed_ratio_limit",
        ["seed_time_limit"] = "torrent.seed_time_limit",
        ["ip_filter_file"] = "torrent.block_list",
        ["hls_segment_duration"] = "streaming.hls_segment_duration",
        ["buffer_size"] = "streaming.buffer_size",
        ["download_dir"] = "torrent.cache_folder",
        ["cache_size"] = "torrent.global_cache_size",
        ["cleanup_interval"] = "torrent.hibernate_after",
        ["torrent.cache_size"] = "torrent.global_cache_size",
        ["torrent.cleanup_interval"] = "torrent.hibernate_after",
        ["metadata_timeout"] = "torrent.add_timeout",
        ["torrent_timeout"] = "torrent.add_timeout",
        ["piece_timeout"] = "torrent.read_timeout",
        ["wait_timeout"] = "torrent.read_timeout",
        ["cors_allowed_origins"] = "security.allowed_origins",
        ["session_timeout"] = "auth.session_timeout",
    };

    /// <summary>" Did you mean add_timeout?", or nothing.</summary>
    public static string DidYouMean(string path, IEnumerable<string> known)
    {
        var guess = Guess(path, known);
        if (guess is null)
        {
            return "";
        }

        var section = path[..(path.LastIndexOf('.') + 1)];
        var shown = section.Length > 0 && guess.StartsWith(section, StringComparison.Ordinal) ? guess[section.Length..] : guess;
        return $" Did you mean {shown}?";
    }

    /// <summary>The nearest of some words, at most two edits away; null if there is none.</summary>
    public static string? Nearest(string word, IEnumerable<string> words)
    {
        var best = MaxDistance + 1;
        string? nearest = null;
        foreach (var candidate in words)
        {
            var distance = Distance(word, candidate);
            if (distance < best && distance < Math.Max(word.Length, 2))
            {
                best = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Levenshtein's distance.</summary>
    public static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MaxDistance)
        {
            return MaxDistance + 1;
        }

        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    private static string? Guess(string path, IEnumerable<string> known)
    {
        var all = known.ToArray();
        if (Others.TryGetValue(path, out var other))
        {
            return other;
        }

        var name = path[(path.LastIndexOf('.') + 1)..];
        return Nearest(path, all) ?? all.FirstOrDefault(k => k.EndsWith("." + name, StringComparison.Ordinal));
    }
}
