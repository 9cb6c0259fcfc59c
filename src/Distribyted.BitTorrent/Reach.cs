using Distribyted.BitTorrent.Discovery.PortMapping;

namespace Distribyted.BitTorrent;

/// <summary>Whether peers from the internet can connect to us, and how that was found out.</summary>
/// <param name="IsKnown">False: routers are still being asked.</param>
/// <param name="IsTrouble">Whether its owner should do something.</param>
/// <param name="Text">For the owner; says no addresses.</param>
internal sealed record Reach(bool IsKnown, bool IsTrouble, string Text)
{
    private const string NoPeer = "no peer from there has connected yet";

    /// <summary>What is known at a moment.</summary>
    /// <param name="wasReached">Whether a peer from the internet has connected in this run.</param>
    /// <param name="wasReachedOverIPv4">Whether one did over IPv4.</param>
    /// <param name="mapping">Of the routers; null: they are not asked.</param>
    public static Reach Of(bool wasReached, bool wasReachedOverIPv4, PortMappingStatus? mapping)
    {
        if (wasReachedOverIPv4 || (wasReached && mapping is not { State: PortMappingState.SecondNat }))
        {
            return new Reach(true, false, "reachable from the internet: a peer from there has connected");
        }

        return mapping switch
        {
            null => new Reach(
                true,
                false,
                $"not known whether the internet reaches it: port mapping is off (torrent.disable_upnp), and {NoPeer}"
            ),
            { State: PortMappingState.Mapped } => new Reach(
                true,
                false,
                $"probably reachable from the internet: a router maps its port {mapping.ExternalPort} by {mapping.Protocol}; {NoPeer}"
            ),
            { State: PortMappingState.SecondNat } => new Reach(
                true,
                true,
                "behind a second NAT: the external address of the router is not public, so that peers from the internet cannot connect over IPv4; the log says what to do"
            ),
            { IsPublic: true } => new Reach(
                true,
                false,
                $"probably reachable from the internet: this machine has a public address; {NoPeer}"
            ),
            { State: PortMappingState.NotMapped } => new Reach(
                true,
                true,
                $"probably not reachable from the internet: no router maps the port, and {NoPeer}; turn on UPnP, NAT-PMP or PCP in the router, or forward the port there"
            ),
            { State: PortMappingState.NoRouter } => new Reach(
                true,
                false,
                $"not reachable from the internet as far as is known: this machine has no network with a router, and {NoPeer}"
            ),
            _ => new Reach(false, false, $"not known whether the internet reaches it: no router has answered so far, and {NoPeer}"),
        };
    }
}
