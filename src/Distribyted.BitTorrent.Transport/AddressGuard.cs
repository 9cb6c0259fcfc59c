using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Transport;

/// <summary>Decides which addresses that torrents, trackers and peers name may be connected to. They must not make this machine send requests
/// into its owner's network, nor to ports of services that are no peers. Immutable, safe for use by many threads.</summary>
/// <remarks>It is always asked about the address that is really connected to, after names were resolved: a name may resolve to another address
/// the next time.</remarks>
public sealed class AddressGuard
{
    private const int FirstFreePort = 1024; // below it run the services of others, which must not be flooded by a forged list of peers

    private readonly bool _noIPv6;
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];
    private readonly HashSet<(string Host, int Port)> _own = [];

    /// <param name="options">Which families are used, and which private places are allowed.</param>
    /// <param name="ownTrackers">URLs of trackers, and of lists of them, that the user configured: exactly these hosts and ports may be private.</param>
    public AddressGuard(TransportOptions options, IReadOnlyList<string> ownTrackers)
    {
        _noIPv6 = options.DisableIPv6;
        foreach (var entry in options.OutgoingAllow)
        {
            var text = entry.Trim();
            if (IPAddress.TryParse(text.Trim('[', ']'), out var address))
            {
                _networks.Add(new IPNetwork(ClientAddress.Plain(address), address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                _networks.Add(network);
            }
            else
            {
                _hosts.Add(text);
            }
        }

        foreach (var tracker in ownTrackers)
        {
            if (Uri.TryCreate(tracker, UriKind.Absolute, out var uri))
            {
                _own.Add((uri.IdnHost, uri.Port));
            }
        }
    }

    /// <summary>How far an address reaches. IPv4 inside IPv6 (mapped, NAT64, 6to4) is classified as the IPv4 that it leads to.</summary>
    public static AddressScope ScopeOf(IPAddress address)
    {
        return ScopeOf(new PeerEndPoint(address, 0));
    }

    /// <inheritdoc cref="ScopeOf(IPAddress)"/>
    public static AddressScope ScopeOf(PeerEndPoint endPoint)
    {
        Span<byte> b = stackalloc byte[18];
        endPoint.WriteCompact(b);
        if (!endPoint.IsIPv6)
        {
            return ScopeOfIPv4(b);
        }

        if (endPoint.IsLoopback)
        {
            return AddressScope.Loopback;
        }

        if (b[..12].IndexOfAnyExcept((byte)0) < 0) // :: and the IPv4-compatible addresses of RFC 4291 2.5.5.1
        {
            return ScopeOfIPv4(b[12..]);
        }

        if (b[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])) // NAT64, RFC 6052
        {
            return ScopeOfIPv4(b[12..]);
        }

        return b[0] switch
        {
            0xff => AddressScope.Never,
            0xfe when (b[1] & 0xc0) == 0x80 => AddressScope.LinkLocal,
            0xfe when (b[1] & 0xc0) == 0xc0 => AddressScope.Private, // site-local, RFC 3879
            0xfc or 0xfd => AddressScope.Private,
            0x20 when b[1] == 0x02 => ScopeOfIPv4(b[2..]), // 6to4, RFC 3056
            _ => AddressScope.Global,
        };
    }

    /// <summary>Whether a request may be sent over a connection to this address.</summary>
    /// <param name="connected">The remote address of the socket.</param>
    /// <param name="purpose">What the request is for.</param>
    /// <param name="uri">The address that is requested there.</param>
    public bool MayConnect(IPAddress connected, RequestPurpose purpose, Uri uri)
    {
        if (
            uri.Scheme is not ("http" or "https" or "udp")
            || (_noIPv6 && ClientAddress.Plain(connected).AddressFamily == AddressFamily.InterNetworkV6)
        )
        {
            return false;
        }

        return ScopeOf(connected) switch
        {
            AddressScope.Global => true,
            AddressScope.Never => false,
            AddressScope.Private or AddressScope.Loopback when purpose == RequestPurpose.Tracker && IsAnnounce(uri) => true,
            _ => IsAllowed(connected)
                || _hosts.Contains(uri.IdnHost)
                || (purpose is RequestPurpose.Tracker or RequestPurpose.Configured && _own.Contains((uri.IdnHost, uri.Port))),
        };
    }

    /// <summary>Whether a peer may be dialled.</summary>
    /// <param name="peer">The address and port that were named.</param>
    /// <param name="namedBy">The address of the tracker or peer that named it; null when the user or the peer itself did.</param>
    /// <param name="webPorts">Whether 80 and 443 are believed: some peers behind firewalls listen there and tell their tracker.</param>
    public bool MayDial(PeerEndPoint peer, IPAddress? namedBy, bool webPorts)
    {
        if (peer.Port < FirstFreePort && !(webPorts && peer.Port is 80 or 443))
        {
            return false;
        }

        if (peer.IsIPv6 && _noIPv6)
        {
            return false;
        }

        return ScopeOf(peer) switch
        {
            AddressScope.Global => true,
            AddressScope.Never => false,
            AddressScope.LinkLocal => IsAllowed(peer.Address),
            // A tracker or peer on the internet knows nothing of our network: what it names there is a mistake or an attack.
            _ => namedBy is null || ScopeOf(namedBy) is AddressScope.Private or AddressScope.Loopback || IsAllowed(peer.Address),
        };
    }

    private static bool IsAnnounce(Uri uri)
    {
        return uri.Scheme == "udp" || uri.AbsolutePath is "/announce" or "/scrape";
    }

    private static AddressScope ScopeOfIPv4(ReadOnlySpan<byte> b)
    {
        return b[0] switch
        {
            0 or >= 224 => AddressScope.Never,
            10 => AddressScope.Private,
            127 => AddressScope.Loopback,
            100 when (b[1] & 0xc0) == 64 => AddressScope.Private,
            169 when b[1] == 254 => AddressScope.LinkLocal,
            172 when (b[1] & 0xf0) == 16 => AddressScope.Private,
            192 when b[1] == 168 => AddressScope.Private,
            198 when (b[1] & 0xfe) == 18 => AddressScope.Private, // benchmark networks, RFC 2544
            _ => AddressScope.Global,
        };
    }

    private bool IsAllowed(IPAddress address)
    {
        var plain = ClientAddress.Plain(address);
        foreach (var network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }
}
