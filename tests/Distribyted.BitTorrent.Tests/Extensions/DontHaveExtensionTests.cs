using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;

namespace Distribyted.BitTorrent.Tests.Extensions;

internal sealed class DontHaveExtensionTests
{
    [Test]
    public async Task An_evicted_piece_is_told_to_peers_that_speak_it_under_their_id()
    {
        await using var stand = new PeerStand();
        var swarm = new RecordedSwarm();
        swarm.Connected.AddRange([
            stand.Connect(new ExtensionHandshake().WithId("lt_donthave", 9)),
            stand.Connect(new ExtensionHandshake().WithId("lt_donthave", 0)),
            stand.Connect(new ExtensionHandshake()),
        ]);

        new DontHaveExtension(swarm).PieceEvicted(0x0102);

        var (peer, bytes) = swarm.Sent.Single();
        Assert.That(peer, Is.EqualTo(swarm.Connected[0]));
        Assert.That(bytes, Is.EqualTo(new byte[] { 0, 0, 0, 6, 20, 9, 0, 0, 1, 2 }));
    }

    [Test]
    public async Task A_piece_that_a_peer_lost_is_handed_to_the_swarm()
    {
        await using var stand = new PeerStand();
        var swarm = new RecordedSwarm();
        var peer = stand.Connect(new ExtensionHandshake());

        new DontHaveExtension(swarm).Received(peer, [0, 0, 0, 7], 0);

        Assert.That(swarm.Lost, Is.EqualTo(new[] { (peer, 7) }));
    }

    [TestCase(new byte[] { 0, 0, 7 })]
    [TestCase(new byte[] { 0x80, 0, 0, 0 })]
    public async Task Anything_but_an_index_is_refused(byte[] payload)
    {
        await using var stand = new PeerStand();
        var peer = stand.Connect(new ExtensionHandshake());

        Assert.Throws<ProtocolException>(() => new DontHaveExtension(new RecordedSwarm()).Received(peer, payload, 0));
    }
}
