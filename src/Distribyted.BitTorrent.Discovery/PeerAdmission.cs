using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>What is believed about a peer's address, by the way it became known.</summary>
public static class PeerAdmission
{
    /// <summary>Whether a peer may be dialled. Peers of trackers were judged by their announcer, which knows the tracker's address.</summary>
    /// <param name="guard">The rules.</param>
    /// <param name="peer">Where it is said to listen.</param>
    /// <param name="origin">How it became known.</param>
    /// <param name="namedBy">Address of the peer or tracker that named it, when known. Without it a peer from
    /// <see cref="PeerOrigin.PeerExchange"/> must have a global address.</param>
    public static bool MayDialPeer(this AddressGuard guard, PeerEndPoint peer, PeerOrigin origin, IPAddress? namedBy = null)
    {
        return origin switch
        {
            PeerOrigin.Tracker or PeerOrigin.Remembered => guard.MayDial(peer, namedBy, webPorts: true),
            PeerOrigin.PeerExchange => guard.MayDial(peer, namedBy ?? SomeStranger, webPorts: false),
            _ => guard.MayDial(peer, namedBy, webPorts: false),
        };
    }

    private static readonly IPAddress SomeStranger = IPAddress.Parse("192.0.2.1"); // RFC 5737: an address that is nobody's
}
