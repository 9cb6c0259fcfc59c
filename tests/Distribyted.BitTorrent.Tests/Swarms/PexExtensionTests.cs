using System.Buffers;
using System.Net;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Who is told of whom.</summary>
internal sealed class PexExtensionTests
{
    private static readonly ExtensionHandshake SpeaksPex = new() { PexId = 2 };

    [Test]
    public async Task Two_connections_that_claim_one_end_point_are_told_of_once()
    {
        await using var stand = new PeerStand();
        var claimed = new PeerEndPoint(IPAddress.Parse("198.51.100.7"), 6881);
        var peers = new[] { stand.Connect(SpeaksPex, claimed), stand.Connect(SpeaksPex, claimed), stand.Connect(SpeaksPex) };

        var messages = new PexExtension().Round(peers, MonotonicClock.Second);

        Assert.That(messages.Select(static m => m.Peer), Is.EqualTo(new[] { peers[2] }));
        Assert.That(peers[2].ToldByPex, Is.EquivalentTo(new[] { claimed }));
    }

    [TestCase("192.168.1.7")]
    [TestCase("127.0.0.7")]
    [TestCase("fd00::7")]
    [TestCase("169.254.1.7")]
    public async Task Peers_of_our_own_network_are_told_to_others_there_only(string address)
    {
        await using var stand = new PeerStand();
        var home = new PeerEndPoint(IPAddress.Parse(address), 6881);
        var away = new PeerEndPoint(IPAddress.Parse("198.51.100.7"), 6881);
        var (neighbour, stranger) = (stand.Connect(SpeaksPex), stand.Connect(SpeaksPex, away, away.Address));
        PeerConnection[] peers = [neighbour, stranger, stand.Connect(SpeaksPex, home, home.Address)];

        new PexExtension().Round(peers, MonotonicClock.Second);

        Assert.That(neighbour.ToldByPex, Is.EquivalentTo(new[] { home, away }));
        Assert.That(stranger.ToldByPex ?? [], Is.Empty);
    }

    [Test]
    public async Task Who_tells_of_peers_more_than_once_a_minute_is_not_listened_to()
    {
        await using var stand = new PeerStand();
        var pex = new PexExtension();
        var (one, other) = (stand.Connect(SpeaksPex), stand.Connect(SpeaksPex));
        var text = new ArrayBufferWriter<byte>();
        new PexMessage([new PexPeer(new PeerEndPoint(IPAddress.Parse("198.51.100.7"), 6881), PexFlags.None)], []).Write(text);
        int Told(PeerConnection by, long second) => pex.Received(by, text.WrittenSpan, second * MonotonicClock.Second).Count;

        Assert.Multiple(() =>
        {
            Assert.That(Told(one, 0), Is.EqualTo(1));
            Assert.That(Told(one, 30), Is.Zero);
            Assert.That(Told(other, 30), Is.EqualTo(1));
            Assert.That(Told(one, 60), Is.EqualTo(1));
        });
    }
}
