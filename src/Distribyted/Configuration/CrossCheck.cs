using System.Net;
using Distribyted.Http;
using Distribyted.Tls;

namespace Distribyted.Configuration;

/// <summary>What no key can know alone: keys that exclude each other, users from several places, and what deserves a warning.</summary>
internal sealed class CrossCheck(Settings settings, IReadOnlyDictionary<string, Origin> origins, ConfigurationReport report)
{
    /// <summary>All users that were named.</summary>
    public IReadOnlyList<HttpUser> Users { get; private set; } = [];

    /// <summary>Name for which a password is to be made; null: somebody has one.</summary>
    public string? GeneratedFor { get; private set; }

    public void Run()
    {
        Ports();
        Tls();
        Log();
        Folders();
        WebAuth();
        FindUsers();
        KnownUsers();
        OpenDoors();
    }

    private Origin At(string path)
    {
        return origins.TryGetValue(path, out var origin) ? origin : Origin.Default;
    }

    private void Ports()
    {
        var wrong = report.Mistakes.Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        ListenerOptions[] listeners = [.. ForPeers().Concat(settings.Doors.Listeners).Where(l => !wrong.Contains(l.Key))]; // its default was not meant
        for (var i = 0; i < listeners.Length; i++)
        {
            if (listeners.Take(i).FirstOrDefault(listeners[i].Collides) is { } other)
            {
                // A default is nothing that could be corrected.
                var (mine, its) = origins.ContainsKey(listeners[i].Key) ? (listeners[i].Key, other.Key) : (other.Key, listeners[i].Key);
                report.Wrong(At(mine), mine, $"{other.Port} is {its}, too ({At(its)}). Use two ports.");
            }
        }

        if (!settings.Doors.Listeners.Any() && wrong.Count == 0)
        {
            report.Warn(At("http.port"), "http.port", "no door is open: neither the web door nor WebDAV has a port.");
        }
    }

    private IEnumerable<ListenerOptions> ForPeers()
    {
        var engine = settings.Engine;
        IPAddress?[] addresses = engine.Transport.BindAddresses.Count > 0 ? [.. engine.Transport.BindAddresses.Distinct()] : [null];
        return addresses.Select(a => new ListenerOptions("torrent", "listen_port", a, engine.Transport.ListenPort));
    }

    private void Tls()
    {
        var (doors, tls) = (settings.Doors, settings.Tls);
        tls.Password = Secret(tls.Password, tls.PasswordFile, "tls.password") ?? "";
        if (tls.Key.Length > 0 && tls.Certificate.Length == 0)
        {
            report.Wrong(At("tls.key"), "tls.key", "tls.certificate is missing. Name the file with the certificate of this key.");
        }
        else if (tls.Certificate.Length > 0)
        {
            Certificate(tls);
        }

        if (!doors.HasTls)
        {
            (string Key, bool IsSet)[] keys =
            [
                ("tls.certificate", tls.Certificate.Length > 0),
                ("tls.names", tls.Names.Count > 0),
                ("tls.min_version", tls.Versions != TlsOptions.TwoOrThree),
            ];
            foreach (var (key, _) in keys.Where(k => k.IsSet))
            {
                report.Warn(At(key), key, "it has no effect without http.tls_port or webdav.tls_port.");
            }
        }
        else if (tls.Certificate.Length > 0 && tls.Names.Count > 0)
        {
            report.Warn(At("tls.names"), "tls.names", "it is for the self-made certificate and has no effect beside tls.certificate.");
        }

        if (settings.Access.RequireTls)
        {
            RequireTls(doors);
        }
    }

    // Here and not at the start: "check" is asked for exactly this.
    private void Certificate(TlsOptions tls)
    {
        try
        {
            var certificates = CertificateFiles.Read(tls).Load(tls);
            var end = new DateTimeOffset(certificates[0].NotAfter);
            if (end < TimeProvider.System.GetUtcNow())
            {
                report.Warn(At("tls.certificate"), "tls.certificate", $"it ended on {end:yyyy-MM-dd}; clients will refuse it. Renew it.");
            }
        }
        catch (CertificateException exception)
        {
            var key = exception.Key == "tls.password" && tls.PasswordFile.Length > 0 ? "tls.password_file" : exception.Key;
            report.Wrong(At(origins.ContainsKey(key) ? key : "tls.certificate"), key, exception.Words);
        }
    }

    private void RequireTls(DoorOptions doors)
    {
        const string Key = "auth.require_tls";
        if (report.Mistakes.Any(m => m.Key.EndsWith(".tls_port", StringComparison.Ordinal)))
        {
            return; // there may be one
        }

        if (!doors.HasTls)
        {
            report.Wrong(At(Key), Key, "there is no tls_port, so nobody could sign in. Set http.tls_port or webdav.tls_port.");
        }
        else if (doors.HasWeb && settings.Access.RequireWeb && doors.WebTlsPort < 0)
        {
            report.Warn(At(Key), Key, "nobody can sign in to the web door: http.tls_port is not set.");
        }
        else if (doors.HasWebDav && settings.Access.RequireWebDav && doors.WebDavTlsPort < 0)
        {
            report.Warn(At(Key), Key, "nobody can sign in to WebDAV: webdav.tls_port is not set.");
        }
    }

    private void Log()
    {
        if (settings.Log.Debug && origins.ContainsKey("log.level") && settings.Log.Level != LogThreshold.Debug)
        {
            report.Wrong(At("log.debug"), "log.debug", $"true together with log.level ({At("log.level")}). Keep log.level.");
        }
    }

    private void Folders()
    {
        var metadata = Full(settings.Engine.MetadataFolder);
        var servers = settings.Routes.Servers.Where(s => s.Path.Length > 0).ToArray();
        for (var i = 0; i < servers.Length; i++)
        {
            var path = Full(servers[i].Path);
            if (IsInside(path, metadata))
            {
                report.Wrong(
                    At("servers"),
                    $"servers[{i}].path",
                    "it is inside torrent.metadata_folder, whose passwords would be shared. Use another folder."
                );
            }

            if (settings.Engine.Cache.Folder.Length > 0 && IsInside(Full(settings.Engine.Cache.Folder), path))
            {
                report.Wrong(
                    At("torrent.cache_folder"),
                    "torrent.cache_folder",
                    $"it is inside the shared folder {servers[i].Path}. Use another folder."
                );
            }

            if (IsInside(metadata, path))
            {
                report.Wrong(
                    At("servers"),
                    $"servers[{i}].path",
                    "torrent.metadata_folder is inside it, so its passwords would be shared. Use another folder."
                );
            }

            if (servers.Take(i).Any(s => IsInside(path, Full(s.Path)) || IsInside(Full(s.Path), path)))
            {
                report.Wrong(
                    At("servers"),
                    $"servers[{i}].path",
                    "it and the path of another server are inside one another. Use separate folders."
                );
            }
        }
    }

    private static string Full(string path)
    {
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private static bool IsInside(string inner, string outer)
    {
        return inner.StartsWith(outer, StringComparison.Ordinal);
    }

    private void FindUsers()
    {
        var users = settings.Access.Users.ToList();
        var first = Secret(settings.WebDavUser.Password, settings.WebDavUser.PasswordFile, "webdav.pass");
        var second = Secret(settings.HttpUser.Password, settings.HttpUser.PasswordFile, "http.pass");
        Add(users, settings.WebDavUser, first, "webdav");
        Add(users, settings.HttpUser, second, "http");
        Users = users;
        if (users.Count == 0 && !report.HasMistakes)
        {
            GeneratedFor = settings.WebDavUser.Name.Length > 0 ? settings.WebDavUser.Name : Named(settings.HttpUser);
        }
    }

    // A secret or the file that holds it; null: neither.
    private string? Secret(string value, string file, string valueKey)
    {
        if (file.Length == 0)
        {
            return value.Length == 0 ? null : value;
        }

        var key = valueKey + "_file";
        if (value.Length > 0)
        {
            report.Wrong(At(key), key, $"{valueKey} is given, too ({At(valueKey)}). Keep one.");
            return null;
        }

        var password = SecretFile.Read(file, At(key), key, report);
        if (password is { Length: 0 or > 128 })
        {
            report.Wrong(At(key), key, "the first line of that file must have 1 to 128 characters.");
            return null;
        }

        return password;
    }

    private void Add(List<HttpUser> users, FirstUser user, string? password, string section)
    {
        if (password is null)
        {
            return; // a name alone gets a generated password
        }

        var name = Named(user);
        var key = $"{section}.user";
        var made = HttpUser.Create(name, password);
        var same = users.Find(u => u.Name == name);
        if (same is null)
        {
            users.Add(made);
        }
        else if (same.HashSha256 != made.HashSha256)
        {
            report.Wrong(At(key), key, $"the user {name} is named twice, with two passwords. Keep one.");
        }
    }

    private void WebAuth()
    {
        const string Key = "http.disable_auth";
        if (settings.DisableWebAuth is not { } isOff)
        {
            return;
        }

        if (origins.ContainsKey("auth.web") && settings.Access.RequireWeb == isOff)
        {
            report.Wrong(At(Key), Key, $"{(isOff ? "true" : "false")} is the opposite of auth.web ({At("auth.web")}). Keep auth.web.");
        }

        settings.Access.RequireWeb = !isOff;
    }

    private void KnownUsers()
    {
        var wellKnown = HttpUser.Create("admin", "admin").HashSha256;
        if (Users.Any(u => u.HashSha256 == wellKnown))
        {
            var key = new[] { "webdav.pass", "http.pass", "auth.users" }.First(k => k == "auth.users" || origins.ContainsKey(k));
            report.Warn(At(key), key, "admin/admin is known to everybody. Choose another password.");
        }

        string[] routes = [.. settings.Routes.Routes.Select(r => r.Name)];
        foreach (var user in Users)
        {
            foreach (
                var route in user.Routes.Where(r => !routes.Any(known => known == r || known.StartsWith(r + "/", StringComparison.Ordinal)))
            )
            {
                report.Warn(
                    At("auth.users"),
                    "auth.users",
                    $"{user.Name} may see the route {route}, which is not in the file. It shows when somebody makes it."
                );
            }
        }
    }

    private static string Named(FirstUser user)
    {
        return user.Name.Length > 0 ? user.Name : "admin";
    }

    private void OpenDoors()
    {
        Open("auth.web", settings.Doors.HasWeb && !settings.Access.RequireWeb, settings.Doors.WebAddress);
        Open("auth.webdav", settings.Doors.HasWebDav && !settings.Access.RequireWebDav, settings.Doors.WebDavAddress);
        if (settings.Access.TrustLoopback && (settings.Access.RequireWeb || settings.Access.RequireWebDav))
        {
            const string Key = "auth.trust_loopback";
            report.Warn(
                At(Key),
                Key,
                "no sign-in for programs on this machine, nor for whom a proxy here lets in without saying so (X-Forwarded-For)."
            );
        }
    }

    private void Open(string key, bool isOpen, IPAddress? address)
    {
        if (!isOpen)
        {
            return;
        }

        var at = key == "auth.web" && !origins.ContainsKey(key) ? "http.disable_auth" : key;
        report.Warn(
            At(at),
            at,
            address is null || !IPAddress.IsLoopback(address)
                ? "no sign-in on an address that others reach: everybody on the network has full rights."
                : "no sign-in: every program on this machine has full rights, and everybody whom a proxy here lets in."
        );
    }
}
