using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Tests;

internal sealed class PeerAdmissionTests
{
    private static readonly AddressGuard Guard = new(new TransportOptions(), []);

    [TestCase(nameof(PeerOrigin.Magnet), "127.0.0.1", 6881, null, true)]
    [TestCase(nameof(PeerOrigin.Magnet), "8.8.8.8", 80, null, false)]
    [TestCase(nameof(PeerOrigin.Magnet), "8.8.8.8", 443, null, false)]
    [TestCase(nameof(PeerOrigin.Tracker), "8.8.8.8", 443, null, true)]
    [TestCase(nameof(PeerOrigin.Tracker), "127.0.0.1", 6881, null, true)]
    [TestCase(nameof(PeerOrigin.Remembered), "10.0.0.9", 6881, null, true)]
    [TestCase(nameof(PeerOrigin.PeerExchange), "8.8.8.8", 6881, null, true)]
    [TestCase(nameof(PeerOrigin.PeerExchange), "8.8.8.8", 80, null, false)]
    [TestCase(nameof(PeerOrigin.PeerExchange), "127.0.0.1", 6881, null, false)]
    [TestCase(nameof(PeerOrigin.PeerExchange), "127.0.0.1", 6881, "127.0.0.9", true)]
    [TestCase(nameof(PeerOrigin.PeerExchange), "10.0.0.9", 6881, "8.8.8.8", false)]
    public void A_peer_is_believed_by_who_named_it(string origin, string address, int port, string? namedBy, bool may)
    {
        var who = namedBy is null ? null : IPAddress.Parse(namedBy);

        Assert.That(
            Guard.MayDialPeer(new PeerEndPoint(IPAddress.Parse(address), port), Enum.Parse<PeerOrigin>(origin), who),
            Is.EqualTo(may)
        );
    }
}
