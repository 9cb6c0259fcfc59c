using System.Globalization;
using System.Security.Authentication;
using Distribyted.Archives.Options;
using Distribyted.BitTorrent.Transport;
using Distribyted.Logging;
using Distribyted.Tls;
using Distribyted.Web.Api;

namespace Distribyted.Configuration;

/// <summary>The one table of all keys that have an effect. A row parses, checks and sets the options of a part; a key that is not here, in
/// <see cref="LaterKeys"/> or an alias does not exist.</summary>
internal static class Keys
{
    private const string ToDefault = "the default";

    private static readonly (string, LogThreshold)[] Levels =
    [
        ("trace", LogThreshold.Trace),
        ("debug", LogThreshold.Debug),
        ("info", LogThreshold.Info),
        ("warn", LogThreshold.Warn),
        ("error", LogThreshold.Error),
    ];

    private static readonly (string, EncryptionMode)[] Encryption =
    [
        ("prefer", EncryptionMode.Prefer),
        ("require", EncryptionMode.Require),
        ("disable", EncryptionMode.Disable),
    ];

    /// <summary>What can be said of archives, for all of them and for a route.</summary>
    public static IReadOnlyList<(string Word, ArchiveMode Value)> ArchiveModes { get; } =
    [("beside", ArchiveMode.Beside), ("replace", ArchiveMode.Replace), ("off", ArchiveMode.Off)];

    private static readonly Limits Rates = new(16384, 1L << 40) { Zero = "no limit" };

    /// <summary>Every key, in the order of the template.</summary>
    public static IReadOnlyList<Key> All { get; } =
    [
        Key.Port("http.port", "any free port", "none", s => s.WebListener.Port, (s, v) => s.WebListener.Port = v),
        Key.Port("http.tls_port", "any free port", "none", s => s.WebListener.TlsPort, (s, v) => s.WebListener.TlsPort = v),
        Restriction(Key.Address("http.ip", s => s.WebListener.Address, (s, v) => s.WebListener.Address = v)),
        Key.Texts("http.allowed_hosts", HostPattern, s => s.Access.AllowedHosts, (s, v) => s.Access.AllowedHosts = v),
        Key.Text("http.base_path", BasePath, s => s.Web.BasePath, (s, v) => s.Web.BasePath = v.TrimEnd('/')),
        Key.Networks("http.trusted_proxies", s => s.Access.TrustedProxies, (s, v) => s.Access.TrustedProxies = v),
        Key.Switch("http.httpfs", s => s.Web.HttpFs, (s, v) => s.Web.HttpFs = v),
        Alias(Key.Text("http.user", UserName, s => s.HttpUser.Name, (s, v) => s.HttpUser.Name = v)),
        Alias(Key.Secret("http.pass", s => s.HttpUser.Password, (s, v) => s.HttpUser.Password = v)),
        Alias(Key.Switch("http.disable_auth", s => s.DisableWebAuth ?? !s.Web.RequireSignIn, (s, v) => s.DisableWebAuth = v)),
        Key.Switch("webdav.enabled", s => s.WebDavListener.Enabled ?? s.WebDavListener.HasSection, (s, v) => s.WebDavListener.Enabled = v),
        Key.Port(
            "webdav.port",
            "any free port",
            "none",
            s => s.WebDavListener.Port,
            (s, v) => s.WebDavListener.Port = v,
            zeroFlagIsNothing: true
        ),
        Key.Port("webdav.tls_port", "any free port", "none", s => s.WebDavListener.TlsPort, (s, v) => s.WebDavListener.TlsPort = v),
        Restriction(Key.Address("webdav.ip", s => s.WebDavListener.Address, (s, v) => s.WebDavListener.Address = v)),
        Key.Text("webdav.user", UserName, s => s.WebDavUser.Name, (s, v) => s.WebDavUser.Name = v),
        Key.Secret("webdav.pass", s => s.WebDavUser.Password, (s, v) => s.WebDavUser.Password = v),
        Key.Folder("webdav.pass_file", true, s => s.WebDavUser.PasswordFile, (s, v) => s.WebDavUser.PasswordFile = v),
        Restriction(Key.Switch("webdav.read_only", s => s.WebDav.ReadOnly, (s, v) => s.WebDav.ReadOnly = v)),
        Key.Megabytes("webdav.max_upload", new Limits(1, 256), s => s.Access.MaxUpload, (s, v) => s.Access.MaxUpload = v),
        Key.Seconds("webdav.max_lock_time", new Limits(60, 604800), s => s.WebDav.MaxLockTime, (s, v) => s.WebDav.MaxLockTime = v),
        Key.Word("auth.web", [("required", true), ("off", false)], s => s.Web.RequireSignIn, (s, v) => s.Web.RequireSignIn = v),
        Key.Word("auth.webdav", [("required", true), ("off", false)], s => s.WebDav.RequireSignIn, (s, v) => s.WebDav.RequireSignIn = v),
        Key.Switch("auth.digest", s => s.Access.Digest, (s, v) => s.Access.Digest = v),
        Restriction(Key.Switch("auth.require_tls", s => s.Access.RequireTls, (s, v) => s.Access.RequireTls = v)),
        Key.Switch("auth.trust_loopback", s => s.Access.TrustLoopback, (s, v) => s.Access.TrustLoopback = v),
        Key.Seconds(
            "auth.session_timeout",
            new Limits(300, 31536000),
            s => s.Access.Sessions.Timeout,
            (s, v) => s.Access.Sessions.Timeout = v
        ),
        Key.Number(
            "auth.max_failures",
            new Limits(1, 1000) { Zero = "no lock-out" },
            s => s.Access.MaxFailures,
            (s, v) => s.Access.MaxFailures = v
        ),
        Key.Seconds("auth.lockout", new Limits(1, 86400), s => s.Access.Lockout, (s, v) => s.Access.Lockout = v),
        Key.Objects("auth.users", s => $"[{string.Join(", ", s.Access.Users.Select(u => u.Name))}]", UserReader.Read),
        Key.Folder("tls.certificate", true, s => s.Tls.Certificate, (s, v) => s.Tls.Certificate = v),
        Key.Folder("tls.key", true, s => s.Tls.Key, (s, v) => s.Tls.Key = v),
        Key.Secret("tls.password", s => s.Tls.Password, (s, v) => s.Tls.Password = v),
        Key.Folder("tls.password_file", true, s => s.Tls.PasswordFile, (s, v) => s.Tls.PasswordFile = v),
        Key.Texts("tls.names", HostName, s => s.Tls.Names, (s, v) => s.Tls.Names = v),
        Key.Word(
            "tls.min_version",
            [("1.2", TlsOptions.TwoOrThree), ("1.3", SslProtocols.Tls13)],
            s => s.Tls.Versions,
            (s, v) => s.Tls.Versions = v
        ),
        Key.Megabytes(
            "torrent.global_cache_size",
            new Limits(64, 1L << 40) { Zero = ToDefault, MinusOne = "no limit" },
            s => s.Engine.Cache.Size,
            (s, v) => s.Engine.Cache.Size = v
        ),
        Key.Folder("torrent.metadata_folder", false, s => s.Engine.MetadataFolder, (s, v) => s.Engine.MetadataFolder = v),
        Key.Folder("torrent.cache_folder", true, s => s.Engine.Cache.Folder, (s, v) => s.Engine.Cache.Folder = v),
        Key.Megabytes(
            "torrent.piece_memory",
            new Limits(16, 16384) { Zero = ToDefault },
            s => s.Engine.Cache.PieceMemory,
            (s, v) => s.Engine.Cache.PieceMemory = v
        ),
        Key.Megabytes("torrent.hot_cache", new Limits(0, 65536), s => s.Engine.Cache.HotCache, (s, v) => s.Engine.Cache.HotCache = v),
        Key.Megabytes(
            "torrent.read_ahead",
            new Limits(1, 1024) { Zero = "only the piece that is asked for" },
            s => s.Engine.Swarm.ReadAhead,
            (s, v) => s.Engine.Swarm.ReadAhead = v
        ),
        Key.Megabytes("torrent.read_behind", new Limits(0, 1024), s => s.Engine.Cache.ReadBehind, (s, v) => s.Engine.Cache.ReadBehind = v),
        Key.Seconds(
            "torrent.add_timeout",
            new Limits(1, 86400) { Zero = ToDefault },
            s => s.Web.AddTimeout,
            (s, v) => s.Web.AddTimeout = v
        ),
        Key.Switch("torrent.continue_when_add_timeout", s => s.Web.ContinueWhenAddTimeout, (s, v) => s.Web.ContinueWhenAddTimeout = v),
        Key.Seconds(
            "torrent.read_timeout",
            new Limits(5, 86400) { Zero = ToDefault, MinusOne = "to wait for ever" },
            s => s.Engine.Swarm.ReadTimeout,
            (s, v) => s.Engine.Swarm.ReadTimeout = v
        ),
        Key.Port(
            "torrent.listen_port",
            "any free port",
            "any free port",
            s => s.Engine.Transport.ListenPort,
            (s, v) => s.Engine.Transport.ListenPort = Math.Max(0, v)
        ),
        Key.Port(
            "torrent.public_port",
            "the listening port",
            null,
            s => s.Engine.Discovery.PublicPort,
            (s, v) => s.Engine.Discovery.PublicPort = v
        ),
        Key.Addresses("torrent.ip", s => s.Engine.Discovery.PublicAddresses, (s, v) => s.Engine.Discovery.PublicAddresses = v),
        Restriction(
            Key.Addresses("torrent.bind_address", s => s.Engine.Transport.BindAddresses, (s, v) => s.Engine.Transport.BindAddresses = v)
        ),
        Restriction(Key.Switch("torrent.disable_ipv6", s => s.Engine.Transport.DisableIPv6, (s, v) => s.Engine.Transport.DisableIPv6 = v)),
        Restriction(
            Key.Switch(
                "torrent.disable_upnp",
                s => s.Engine.Discovery.DisablePortMapping,
                (s, v) => s.Engine.Discovery.DisablePortMapping = v
            )
        ),
        Restriction(Key.Switch("torrent.disable_tcp", s => s.Engine.Transport.DisableTcp, (s, v) => s.Engine.Transport.DisableTcp = v)),
        Restriction(Key.Switch("torrent.disable_utp", s => s.Engine.Transport.DisableUtp, (s, v) => s.Engine.Transport.DisableUtp = v)),
        Restriction(Key.Switch("torrent.disable_pex", s => s.Engine.Swarm.DisablePex, (s, v) => s.Engine.Swarm.DisablePex = v)),
        Restriction(
            Key.Switch("torrent.disable_webseeds", s => s.Engine.Swarm.DisableWebSeeds, (s, v) => s.Engine.Swarm.DisableWebSeeds = v)
        ),
        Restriction(Key.Switch("torrent.disable_lsd", s => s.Engine.Transport.DisableLsd, (s, v) => s.Engine.Transport.DisableLsd = v)),
        Restriction(
            Key.Word("torrent.encryption", Encryption, s => s.Engine.Transport.Encryption, (s, v) => s.Engine.Transport.Encryption = v)
        ),
        Restriction(Key.Switch("torrent.disable_dht", s => s.Engine.Discovery.DisableDht, (s, v) => s.Engine.Discovery.DisableDht = v)),
        Key.Texts(
            "torrent.dht_bootstrap",
            HostAndPort,
            s => s.Engine.Discovery.DhtBootstrap,
            (s, v) => s.Engine.Discovery.DhtBootstrap = v
        ),
        Key.Texts("torrent.extra_trackers", Tracker, s => s.Engine.Discovery.ExtraTrackers, (s, v) => s.Engine.Discovery.ExtraTrackers = v),
        Key.Text(
            "torrent.extra_trackers_url",
            static text => text.Length == 0 ? null : WebAddress(text),
            s => s.Engine.Discovery.ExtraTrackersUrl,
            (s, v) => s.Engine.Discovery.ExtraTrackersUrl = v
        ),
        Key.Number(
            "torrent.max_connections",
            new Limits(2, 65535) { Zero = ToDefault },
            s => s.Engine.Swarm.MaxConnections,
            (s, v) => s.Engine.Swarm.MaxConnections = v
        ),
        Key.Number(
            "torrent.max_conns_per_torrent",
            new Limits(1, 1000) { Zero = ToDefault },
            s => s.Engine.Swarm.MaxConnectionsPerTorrent,
            (s, v) => s.Engine.Swarm.MaxConnectionsPerTorrent = v
        ),
        Key.Number(
            "torrent.max_half_open",
            new Limits(1, 1000) { Zero = ToDefault },
            s => s.Engine.Swarm.MaxHalfOpen,
            (s, v) => s.Engine.Swarm.MaxHalfOpen = v
        ),
        Key.Number(
            "torrent.trace_events",
            new Limits(1, 1_000_000) { Zero = "none are kept" },
            s => s.Engine.Swarm.TraceEvents,
            (s, v) => s.Engine.Swarm.TraceEvents = v
        ),
        Key.Number(
            "torrent.max_conns_per_ip",
            new Limits(1, 100) { Zero = "no limit" },
            s => s.Engine.Swarm.MaxConnectionsPerIp,
            (s, v) => s.Engine.Swarm.MaxConnectionsPerIp = v
        ),
        Key.Rate(
            "torrent.download_rate_limit",
            Rates,
            s => s.Engine.Swarm.DownloadRateLimit,
            (s, v) => s.Engine.Swarm.DownloadRateLimit = v
        ),
        Key.Rate("torrent.upload_rate_limit", Rates, s => s.Engine.Swarm.UploadRateLimit, (s, v) => s.Engine.Swarm.UploadRateLimit = v),
        Key.Number("torrent.upload_slots", new Limits(0, 500), s => s.Engine.Swarm.UploadSlots, (s, v) => s.Engine.Swarm.UploadSlots = v),
        Restriction(Key.Switch("torrent.seed", s => s.Engine.Swarm.Seed, (s, v) => s.Engine.Swarm.Seed = v)),
        Key.Seconds(
            "torrent.hibernate_after",
            new Limits(30, 86400) { Zero = "never" },
            s => s.Engine.HibernateAfter,
            (s, v) => s.Engine.HibernateAfter = v
        ),
        Key.Word("archives.mode", ArchiveModes, s => s.Archives.Mode, (s, v) => s.Archives.Mode = v),
        Key.Number("archives.depth", new Limits(1, 4), s => s.Archives.Depth, (s, v) => s.Archives.Depth = v),
        Key.Number("archives.max_entries", new Limits(1, 1_000_000), s => s.Archives.MaxEntries, (s, v) => s.Archives.MaxEntries = v),
        Key.Secrets("archives.passwords", s => s.Archives.Passwords, (s, v) => s.Archives.Passwords = v),
        Key.Folder("archives.passwords_file", true, s => s.Archives.PasswordsFile, (s, v) => s.Archives.PasswordsFile = v),
        Key.Number("archives.max_ratio", new Limits(10, 100_000), s => s.Archives.MaxRatio, (s, v) => s.Archives.MaxRatio = v),
        Key.Folder("log.path", true, s => s.Log.Folder, (s, v) => s.Log.Folder = v),
        Key.Number("log.max_backups", new Limits(0, 1000), s => s.Log.MaxBackups, (s, v) => s.Log.MaxBackups = v),
        Key.Megabytes(
            "log.max_size",
            new Limits(1, 10240) { Zero = "100" },
            s => s.Log.MaxSize,
            (s, v) => s.Log.MaxSize = v == 0 ? 100 << 20 : v // 0 has always meant 100 MB
        ),
        Key.Number("log.max_age", new Limits(0, 3650), s => s.Log.MaxAge, (s, v) => s.Log.MaxAge = v),
        Key.Switch("log.debug", s => s.Log.Debug, (s, v) => s.Log.Debug = v),
        Key.Word("log.level", Levels, s => s.Log.Level, (s, v) => s.Log.Level = v),
        Key.Map("log.levels", ShowLevels, ReadLevels),
        Key.Word("log.format", [("text", false), ("json", true)], s => s.Log.JsonConsole, (s, v) => s.Log.JsonConsole = v),
        Key.Switch("log.console", s => s.Log.Console, (s, v) => s.Log.Console = v),
        Key.Texts(
            "security.outgoing_allow",
            Anything,
            s => s.Engine.Transport.OutgoingAllow,
            (s, v) => s.Engine.Transport.OutgoingAllow = v
        ),
        Key.Objects("routes", s => Count(s.Routes.Routes.Count), RouteReader.Read),
        Key.Objects("servers", s => Count(s.Routes.Servers.Count), ServerReader.Read),
    ];

    /// <summary>By path.</summary>
    public static IReadOnlyDictionary<string, Key> ByPath { get; } = All.ToDictionary(k => k.Path, StringComparer.Ordinal);

    /// <summary>What is wrong with the name of a user, or null.</summary>
    public static string? UserName(string name)
    {
        return name.Length > 64 || name.Any(c => c == ':' || char.IsControl(c))
            ? "is not a user name. Use at most 64 characters, without \":\" and control characters."
            : null;
    }

    /// <summary>What is wrong with the URL of a tracker, or null.</summary>
    public static string? Tracker(string text)
    {
        return
            Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" or "udp" or "wss" or "ws"
            && uri.Host.Length > 0
            ? null
            : "is not a tracker. Use an address such as udp://host:port/announce or https://host/announce.";
    }

    /// <summary>What is wrong with the address of something on the web, or null.</summary>
    public static string? WebAddress(string text)
    {
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
            ? null
            : "is not an address on the web. Use one such as https://host/list.txt.";
    }

    /// <summary>What is wrong with the name or address of a machine, or null.</summary>
    public static string? HostName(string text)
    {
        return Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? null
            : "is not a name or address of a machine. Use media.example.org or 192.168.1.10, without https:// and port.";
    }

    private static string? HostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return
            colon > 0
            && HostName(text[..colon].Trim('[', ']')) is null
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            ? null
            : "is not a host and a port. Use dht.example.org:6881, 192.0.2.1:6881 or [2001:db8::1]:6881.";
    }

    private static string? HostPattern(string text)
    {
        return HostName(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text);
    }

    // Its parts are spelled in one way only, so that proxies and browsers compare them alike.
    private static string? BasePath(string text)
    {
        var path = text.TrimEnd('/');
        var parts = path.Split('/').Skip(1).ToArray();
        if (path.Length == 0)
        {
            return null;
        }

        if (path.Length > 200 || path[0] != '/' || parts.Any(static part => part is "" or "." or ".." || !part.All(IsPlain)))
        {
            return "is not the path of a proxy. Use /torrents, with letters, digits, \"-\", \"_\", \".\" and \"~\" only.";
        }

        return WebOptions.IsServed("/" + parts[0])
            ? $"begins with /{parts[0]}, which is an address of this program itself. Choose another one."
            : null;
    }

    private static bool IsPlain(char c)
    {
        return char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~';
    }

    private static Key Alias(Key key)
    {
        key.IsAlias = true;
        return key;
    }

    private static Key Restriction(Key key)
    {
        key.Restricts = true;
        return key;
    }

    private static string? Anything(string text)
    {
        return text.Length is 0 or > 300 ? "is not a host, address or network." : null;
    }

    private static string Count(int count)
    {
        return count.ToString(CultureInfo.InvariantCulture);
    }

    private static string ShowLevels(Settings settings)
    {
        var pairs = settings.Log.Levels.Select(pair => $"{pair.Key}: {Levels.First(l => l.Item2 == pair.Value).Item1}");
        return "{" + string.Join(", ", pairs) + "}";
    }

    private static string? ReadLevels(Settings settings, IReadOnlyList<ConfigMember> members)
    {
        var levels = new Dictionary<string, LogThreshold>(StringComparer.Ordinal);
        foreach (var member in members)
        {
            var level = Array.FindIndex(Levels, l => string.Equals(l.Item1, member.Value.Text, StringComparison.OrdinalIgnoreCase));
            if (level < 0)
            {
                return $"{member.Name}: {member.Value.Quote()} is not one of {string.Join(", ", Levels.Select(l => l.Item1))}.";
            }

            levels[member.Name] = Levels[level].Item2;
        }

        settings.Log.Levels = levels;
        return null;
    }
}
