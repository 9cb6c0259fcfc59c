using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Claims;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;

namespace Distribyted.Web.Connect;

/// <summary>Tells by which addresses this server is reached. Looks at the network interfaces each time it is asked: addresses come and go.</summary>
public sealed class AddressBook(IServedPorts ports, HttpAccessOptions access)
{
    /// <summary>Name of the listener that serves the mount.</summary>
    internal const string WebDav = "webdav";

    private const string Web = "web";
    private const int MostNetworkAddresses = 4;

    /// <summary>The addresses, best first.</summary>
    /// <param name="browser">The address of these pages as the browser has it, with its base path.</param>
    public ServerAddresses Of(Uri browser)
    {
        return Of(browser, ports, NetworkAddresses(), access.RequireTls);
    }

    /// <summary>The name with which a user signs in at the mount; null: none is asked for.</summary>
    /// <param name="user">Who asks.</param>
    public string? UserName(ClaimsPrincipal user)
    {
        var name = user.Identity?.Name;
        return access.Users.Any(u => u.Name == name) ? name
            : access.TrustLoopback ? "YOUR_NAME" // programs on this machine need none, others do
            : null;
    }

    /// <summary>The same from what is given.</summary>
    internal static ServerAddresses Of(Uri browser, IServedPorts ports, IReadOnlyList<IPAddress> network, bool requireTls)
    {
        var root = browser.AbsolutePath.EndsWith('/') ? browser : new Uri(browser.AbsoluteUri + "/");
        var isForwarded = ports.PortOf(Web, browser.Scheme == Uri.UriSchemeHttps) != browser.Port;
        var hosts = Hosts(browser, ports.AddressOf(WebDav), network, isForwarded).DistinctBy(h => h.Host, StringComparer.OrdinalIgnoreCase);
        var mounts = Mounts([.. hosts], ports).Where(a => a.IsEncrypted || !requireTls);
        return new ServerAddresses(root, [.. mounts], Shared(root, ports.AddressOf(Web), network), isForwarded);
    }

    // A phone cannot use "localhost": it gets an address of the network where there is one.
    private static Uri? Shared(Uri browser, IPAddress? only, IReadOnlyList<IPAddress> network)
    {
        if (!browser.IsLoopback)
        {
            return browser;
        }

        var address = only is null
            ? network is [var first, ..]
                ? first
                : null
            : IPAddress.IsLoopback(only)
                ? null
                : only;
        return address is null ? null : new UriBuilder(browser) { Host = Text(address) }.Uri;
    }

    private static IEnumerable<ServedAddress> Mounts(IReadOnlyList<(string Host, AddressReach Reach)> hosts, IServedPorts ports)
    {
        foreach (var isTls in new[] { false, true })
        {
            if (ports.PortOf(WebDav, isTls) is not { } port)
            {
                continue;
            }

            var scheme = isTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
            foreach (var (host, reach) in hosts)
            {
                yield return new ServedAddress(new UriBuilder(scheme, host, port, "/").Uri, reach);
            }
        }
    }

    // A browser on this machine says "localhost", which is of no use to a phone: addresses of the network go first then. A proxy's name may not lead to our port.
    private static IEnumerable<(string Host, AddressReach Reach)> Hosts(
        Uri browser,
        IPAddress? only,
        IReadOnlyList<IPAddress> network,
        bool isForwarded
    )
    {
        var named = (
            browser.IdnHost.Contains(':', StringComparison.Ordinal) ? $"[{browser.IdnHost.Trim('[', ']')}]" : browser.IdnHost,
            AddressReach.ThisBrowser
        );
        if (only is not null)
        {
            if (!browser.IsLoopback && !IPAddress.TryParse(browser.IdnHost, out _) && !isForwarded)
            {
                yield return named;
            }

            yield return (Text(only), IPAddress.IsLoopback(only) ? AddressReach.ThisMachine : AddressReach.Network);
            yield break;
        }

        if (!browser.IsLoopback && !isForwarded)
        {
            yield return named;
        }

        foreach (var address in network)
        {
            yield return (Text(address), AddressReach.Network);
        }

        if (!browser.IsLoopback && isForwarded)
        {
            yield return named;
        }

        yield return ("localhost", AddressReach.ThisMachine);
    }

    // Those with a way out first: networks of containers and virtual machines have none.
    private static IPAddress[] NetworkAddresses()
    {
        return
        [
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .Select(i => i.GetIPProperties())
                .OrderByDescending(p => p.GatewayAddresses.Count > 0)
                .SelectMany(p => p.UnicastAddresses)
                .Select(a => a.Address)
                .Where(IsUsable)
                .Distinct()
                .OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6)
                .Take(MostNetworkAddresses),
        ];
    }

    private static bool IsUsable(IPAddress address)
    {
        return !IPAddress.IsLoopback(address)
            && !address.IsIPv6LinkLocal
            && (address.AddressFamily == AddressFamily.InterNetwork || address is { IsIPv6UniqueLocal: false, IsIPv6Teredo: false });
    }

    private static string Text(IPAddress address)
    {
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }
}
