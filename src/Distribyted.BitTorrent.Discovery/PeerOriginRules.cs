using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Which peers are accepted, by the way they became known.</summary>
public static class PeerOriginRules
{
    /// <summary>Whether a peer may be dialled. Peers of trackers and of the DHT were checked by their source, which knows
    /// the address of the tracker or node.</summary>
    /// <param name="guard">The rules.</param>
    /// <param name="peer">The address and port that were named.</param>
    /// <param name="origin">How it became known.</param>
    /// <param name="namedBy">Address of the peer or tracker that named it, when known. Without it a peer from
    /// <see cref="PeerOrigin.PeerExchange"/> must have a global address.</param>
    public static bool MayDialPeer(this AddressGuard guard, PeerEndPoint peer, PeerOrigin origin, IPAddress? namedBy = null)
    {
        return origin switch
        {
            PeerOrigin.Tracker or PeerOrigin.Remembered => guard.MayDial(peer, namedBy, webPorts: true),
            PeerOrigin.PeerExchange => guard.MayDial(peer, namedBy ?? UnknownPublicAddress, webPorts: false),
            _ => guard.MayDial(peer, namedBy, webPorts: false),
        };
    }

    /// <summary>Whether a torrent may have peers that became known this way. A private one (BEP 27) has those of its trackers, those that connect to it, and
    /// those that its user named or that it had before; none from peer exchange, the DHT or the local network.</summary>
    public static bool IsAllowed(this PeerOrigin origin, bool isPrivate)
    {
        return !isPrivate || origin is PeerOrigin.Tracker or PeerOrigin.Incoming or PeerOrigin.Magnet or PeerOrigin.Remembered;
    }

    private static readonly IPAddress UnknownPublicAddress = IPAddress.Parse("192.0.2.1"); // RFC 5737: for documentation only, never assigned
}
