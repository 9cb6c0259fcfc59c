using System.Net;
using Distribyted.Http;

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
        Log();
        Folders();
        FindUsers();
        OpenDoors();
    }

    private Origin At(string path)
    {
        return origins.TryGetValue(path, out var origin) ? origin : Origin.Default;
    }

    private void Ports()
    {
        var doors = settings.Doors;
        if (doors.HasWebDav && doors.WebPort > 0 && doors.WebPort == doors.WebDavPort && Overlap(doors.WebAddress, doors.WebDavAddress))
        {
            report.Wrong(At("webdav.port"), "webdav.port", $"{doors.WebDavPort} is http.port, too ({At("http.port")}). Use two ports.");
        }

        if (!doors.HasWeb && !doors.HasWebDav)
        {
            report.Warn(At("http.port"), "http.port", "no door is open: neither the web door nor WebDAV has a port.");
        }
    }

    private static bool Overlap(IPAddress? a, IPAddress? b)
    {
        return a is null || b is null || a.Equals(b) || IsAny(a) || IsAny(b);
    }

    private static bool IsAny(IPAddress address)
    {
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
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

            if (settings.Engine.CacheFolder.Length > 0 && IsInside(Full(settings.Engine.CacheFolder), path))
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
        var first = Password(settings.WebDavUser, "webdav");
        var second = Password(settings.HttpUser, "http");
        Add(users, settings.WebDavUser, first, "webdav");
        Add(users, settings.HttpUser, second, "http");
        Users = users;
        if (users.Count == 0 && !report.HasMistakes)
        {
            GeneratedFor = settings.WebDavUser.Name.Length > 0 ? settings.WebDavUser.Name : Named(settings.HttpUser);
        }
    }

    private string? Password(FirstUser user, string section)
    {
        if (user.PasswordFile.Length == 0)
        {
            return user.Password.Length == 0 ? null : user.Password;
        }

        var key = $"{section}.pass_file";
        if (user.Password.Length > 0)
        {
            report.Wrong(At(key), key, $"{section}.pass is given, too ({At($"{section}.pass")}). Keep one.");
            return null;
        }

        var password = SecretFile.Read(user.PasswordFile, At(key), key, report);
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
        if (name == "admin" && password == "admin")
        {
            report.Warn(At($"{section}.pass"), $"{section}.pass", "admin/admin is known to everybody. Choose another password.");
        }

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

    private static string Named(FirstUser user)
    {
        return user.Name.Length > 0 ? user.Name : "admin";
    }

    private void OpenDoors()
    {
        Open("auth.web", settings.Doors.HasWeb && !settings.Access.RequireWeb, settings.Doors.WebAddress);
        Open("auth.webdav", settings.Doors.HasWebDav && !settings.Access.RequireWebDav, settings.Doors.WebDavAddress);
    }

    private void Open(string key, bool isOpen, IPAddress? address)
    {
        if (isOpen && (address is null || !IPAddress.IsLoopback(address)))
        {
            var at = key == "auth.web" && !origins.ContainsKey(key) ? "http.disable_auth" : key;
            report.Warn(At(at), at, "no sign-in on an address that others reach: everybody on the network has full rights.");
        }
    }
}
