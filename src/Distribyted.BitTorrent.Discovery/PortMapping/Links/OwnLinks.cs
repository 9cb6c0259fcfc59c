using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Links;

/// <summary>Finds the networks whose routers may map ports: those with a default route. With bound addresses only the networks of these.</summary>
internal static class OwnLinks
{
    private static readonly IPEndPoint SomewhereIPv6 = IPEndPoint.Parse("[2001:4860::1]:9");

    /// <summary>Asks the system. Sends nothing.</summary>
    /// <exception cref="NetworkInformationException">The system does not tell.</exception>
    public static IReadOnlyList<OwnLink> Find(TransportOptions transport)
    {
        if (transport.BindAddresses.Count > 0 && transport.BindAddresses.All(IPAddress.IsLoopback))
        {
            return []; // nothing leaves this machine
        }

        var interfaces = NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(static i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .Where(static i => i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .ToArray();
        List<OwnLink> links = [];
        if (transport.HasFamily(AddressFamily.InterNetwork))
        {
            AddIPv4(interfaces, transport, links);
        }

        if (transport.HasFamily(AddressFamily.InterNetworkV6) && !transport.DisableIPv6)
        {
            AddIPv6(interfaces, transport, links);
        }

        return links;
    }

    private static void AddIPv4(NetworkInterface[] interfaces, TransportOptions transport, List<OwnLink> links)
    {
        var routes = RoutesOf(interfaces, AddressFamily.InterNetwork);
        foreach (var route in routes)
        {
            foreach (var address in AddressesOf(interfaces, route.Interface, AddressFamily.InterNetwork))
            {
                if (transport.BindAddresses.Count == 0 || transport.BindAddresses.Contains(address.Address))
                {
                    links.Add(LinkOf(address, route.Router));
                }
            }
        }
    }

    /// <summary>One link: the address that connections leave from is the one that trackers and peers learn.</summary>
    private static void AddIPv6(NetworkInterface[] interfaces, TransportOptions transport, List<OwnLink> links)
    {
        if (
            (transport.OwnAddress(AddressFamily.InterNetworkV6) ?? OutgoingIPv6()) is not { } own
            || AddressGuard.ScopeOf(own) != AddressScope.Global
        )
        {
            return;
        }

        foreach (var route in RoutesOf(interfaces, AddressFamily.InterNetworkV6))
        {
            foreach (var address in AddressesOf(interfaces, route.Interface, AddressFamily.InterNetworkV6))
            {
                if (address.Address.Equals(own))
                {
                    links.Add(LinkOf(address, Scoped(route.Router, interfaces, route.Interface)));
                    return;
                }
            }
        }
    }

    private static OwnLink LinkOf(UnicastIPAddressInformation address, IPAddress router)
    {
        var bits = address.Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return new OwnLink(address.Address, NetworkOf(address.Address, Math.Clamp(address.PrefixLength, 0, bits)), router);
    }

    private static IPNetwork NetworkOf(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xff << (8 - Math.Clamp(prefix - (8 * i), 0, 8)));
        }

        return new IPNetwork(new IPAddress(bytes), prefix);
    }

    private static IEnumerable<UnicastIPAddressInformation> AddressesOf(NetworkInterface[] interfaces, string name, AddressFamily family)
    {
        return interfaces
            .Where(i => i.Name == name)
            .SelectMany(static i => i.GetIPProperties().UnicastAddresses)
            .Where(address => address.Address.AddressFamily == family);
    }

    /// <summary>The default routes, each interface's best one, the best first.</summary>
    private static IEnumerable<DefaultRoute> RoutesOf(NetworkInterface[] interfaces, AddressFamily family)
    {
        var routes =
            !OperatingSystem.IsLinux() ? GatewaysOf(interfaces, family)
            : family == AddressFamily.InterNetwork ? LinuxRoutes.ReadIPv4(ReadText("/proc/net/route"))
            : LinuxRoutes.ReadIPv6(ReadText("/proc/net/ipv6_route"));
        return routes.OrderBy(static route => route.Metric).DistinctBy(static route => route.Interface, StringComparer.Ordinal);
    }

    private static List<DefaultRoute> GatewaysOf(NetworkInterface[] interfaces, AddressFamily family)
    {
        List<DefaultRoute> routes = [];
        foreach (var i in interfaces)
        {
            foreach (var gateway in i.GetIPProperties().GatewayAddresses)
            {
                if (gateway.Address.AddressFamily == family && !gateway.Address.Equals(IPAddress.Any))
                {
                    routes.Add(new DefaultRoute(i.Name, gateway.Address, 0));
                }
            }
        }

        return routes;
    }

    private static IPAddress Scoped(IPAddress router, NetworkInterface[] interfaces, string name)
    {
        return router.IsIPv6LinkLocal && router.ScopeId == 0
            ? new IPAddress(router.GetAddressBytes(), interfaces.First(i => i.Name == name).GetIPProperties().GetIPv6Properties().Index)
            : router;
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // a kernel without this family
        }
    }

    private static IPAddress? OutgoingIPv6()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(SomewhereIPv6);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
