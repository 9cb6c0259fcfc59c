using System.Net;
using Distribyted.Http.Users;
using Distribyted.Logging;

namespace Distribyted.Configuration;

/// <summary>What no key can know alone: keys that exclude each other, users from several places, and what deserves a warning.</summary>
internal sealed class CrossCheck(Settings settings, GivenKeys given, ConfigurationReport report)
{
    private readonly UserCheck _users = new(settings, given, report);

    /// <summary>All users that were named.</summary>
    public IReadOnlyList<HttpUser> Users => _users.Users;

    /// <summary>Name for which a password is to be made; null: a user has one.</summary>
    public string? GeneratedFor => _users.GeneratedFor;

    public void Run()
    {
        Ports();
        Transports();
        new TlsCheck(settings, given, report).Run();
        new ArchiveCheck(settings, given, report).Run();
        Log();
        new FolderCheck(settings, given, report).Run();
        WebAuth();
        _users.Find();
        _users.Warn();
        NoListener();
    }

    private void Ports()
    {
        var wrong = report.Mistakes.Select(m => m.Key).ToHashSet(StringComparer.Ordinal);
        ConfiguredPort[] listeners = [.. ForPeers().Concat(settings.Ports).Where(l => !wrong.Contains(l.Key))]; // its default was not meant
        for (var i = 0; i < listeners.Length; i++)
        {
            if (listeners.Take(i).FirstOrDefault(listeners[i].Collides) is { } other)
            {
                // A default is nothing that could be corrected.
                var (mine, its) = given.Has(listeners[i].Key) ? (listeners[i].Key, other.Key) : (other.Key, listeners[i].Key);
                report.Wrong(given.At(mine), mine, $"{other.Port} is {its}, too ({given.At(its)}). Use two ports.");
            }
        }

        if (!settings.Ports.Any() && wrong.Count == 0)
        {
            report.Warn(given.At("http.port"), "http.port", "no listener is open: neither web nor WebDAV has a port.");
        }
    }

    private IEnumerable<ConfiguredPort> ForPeers()
    {
        var engine = settings.Engine;
        IPAddress?[] addresses = engine.Transport.BindAddresses.Count > 0 ? [.. engine.Transport.BindAddresses.Distinct()] : [null];
        return addresses.Select(a => new ConfiguredPort("torrent", "listen_port", a, engine.Transport.ListenPort));
    }

    private void Transports()
    {
        const string Key = "torrent.disable_utp";
        if (settings.Engine.Transport is { DisableTcp: true, DisableUtp: true })
        {
            report.Wrong(
                given.At(Key),
                Key,
                $"true together with torrent.disable_tcp ({given.At("torrent.disable_tcp")}): no peer could be spoken to."
            );
        }
    }

    private void Log()
    {
        if (settings.Log.Debug && given.Has("log.level") && settings.Log.Level != LogThreshold.Debug)
        {
            report.Wrong(given.At("log.debug"), "log.debug", $"true together with log.level ({given.At("log.level")}). Keep log.level.");
        }
    }

    private void WebAuth()
    {
        const string Key = "http.disable_auth";
        if (settings.DisableWebAuth is not { } isOff)
        {
            return;
        }

        if (given.Has("auth.web") && settings.Web.RequireSignIn == isOff)
        {
            report.Wrong(
                given.At(Key),
                Key,
                $"{(isOff ? "true" : "false")} is the opposite of auth.web ({given.At("auth.web")}). Keep auth.web."
            );
        }

        settings.Web.RequireSignIn = !isOff;
    }

    private void NoListener()
    {
        Open("auth.web", settings.WebListener.IsListening && !settings.Web.RequireSignIn, settings.WebListener.Address);
        Open("auth.webdav", settings.WebDavListener.IsListening && !settings.WebDav.RequireSignIn, settings.WebDavListener.Address);
        if (settings.Access.TrustLoopback && (settings.Web.RequireSignIn || settings.WebDav.RequireSignIn))
        {
            const string Key = "auth.trust_loopback";
            report.Warn(
                given.At(Key),
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

        var at = key == "auth.web" && !given.Has(key) ? "http.disable_auth" : key;
        report.Warn(
            given.At(at),
            at,
            address is null || !IPAddress.IsLoopback(address)
                ? "no sign-in on an address that others reach: everybody on the network has full rights."
                : "no sign-in: every program on this machine has full rights, and everybody whom a proxy here lets in."
        );
    }
}
