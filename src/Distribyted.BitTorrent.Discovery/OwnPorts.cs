using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Our TCP port as others are told it, which depends on where they are; 0: none yet.</summary>
/// <param name="IPv4">On the internet over IPv4: the port that the user names, else what a router has mapped, else the open one.</param>
/// <param name="IPv6">On the internet over IPv6, where routers do not map: the port that the user names, else the open one.</param>
/// <param name="Local">In our own network: the open one.</param>
public sealed record OwnPorts(int IPv4, int IPv6, int Local)
{
    /// <summary>The port is not open yet.</summary>
    public static OwnPorts None { get; } = new(0, 0, 0);

    /// <param name="open">The open port.</param>
    /// <param name="mapped">What a router has mapped for IPv4; 0: nothing.</param>
    /// <param name="named">What the user names (<see cref="DiscoveryOptions.PublicPort"/>); 0: nothing.</param>
    public static OwnPorts Of(int open, int mapped, int named)
    {
        return named > 0 ? new OwnPorts(named, named, open) : new OwnPorts(mapped > 0 ? mapped : open, open, open);
    }

    /// <summary>What this peer is told.</summary>
    public int For(PeerEndPoint peer)
    {
        return AddressGuard.ScopeOf(peer.Address) != AddressScope.Global ? Local
            : peer.IsIPv6 ? IPv6
            : IPv4;
    }
}
