using System.Buffers;
using System.Net;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.Lab;

namespace Distribyted.BitTorrent.Tests.Extensions;

/// <summary>Who is told of whom.</summary>
internal sealed class PexExtensionTests
{
    private static readonly ExtensionHandshake SpeaksPex = new ExtensionHandshake().WithId("ut_pex", 2);
    private static readonly PeerEndPoint Named = new(IPAddress.Parse("198.51.100.7"), 6881);

    private readonly RecordedSwarm _swarm = new() { Info = SwarmBed.InfoOf(LabContent.File("film.mkv", 1 << 20), 64 * 1024) };

    [SetUp]
    public void Clear()
    {
        _swarm.Connected.Clear();
        _swarm.Sent.Clear();
        _swarm.Added.Clear();
        _swarm.Preferring.Clear();
    }

    [Test]
    public async Task Two_connections_that_claim_one_end_point_are_told_of_once()
    {
        await using var stand = new PeerStand();
        _swarm.Connected.AddRange([stand.Connect(SpeaksPex, Named), stand.Connect(SpeaksPex, Named), stand.Connect(SpeaksPex)]);
        var pex = new PexExtension(_swarm);

        pex.Heartbeat(MonotonicClock.Second);

        Assert.That(_swarm.Sent.Select(static m => m.Peer), Is.EqualTo(new[] { _swarm.Connected[2] }));
        Assert.That(pex.ToldTo(_swarm.Connected[2]), Is.EquivalentTo(new[] { Named }));
    }

    [Test]
    public async Task Who_is_connected_with_encryption_is_told_of_as_preferring_it([Values] bool isEncrypted)
    {
        await using var stand = new PeerStand();
        _swarm.Connected.AddRange([stand.Connect(SpeaksPex), stand.Connect(SpeaksPex, Named, Named.Address, isEncrypted: isEncrypted)]);

        new PexExtension(_swarm).Heartbeat(MonotonicClock.Second);

        var told = PexMessage.Read(_swarm.Sent.Single().Message.AsSpan(6)); // length, type, id
        Assert.That(told.Added.Single().Flags.HasFlag(PexTraits.PrefersEncryption), Is.EqualTo(isEncrypted));
    }

    [Test]
    public async Task Who_is_said_to_prefer_encryption_is_remembered_as_such()
    {
        await using var stand = new PeerStand();
        var other = new PeerEndPoint(IPAddress.Parse("198.51.100.8"), 6881);
        var text = new ArrayBufferWriter<byte>();
        new PexMessage([new PexPeer(Named, PexTraits.PrefersEncryption), new PexPeer(other, PexTraits.UploadOnly)], []).Write(text);

        new PexExtension(_swarm).Received(stand.Connect(SpeaksPex), text.WrittenSpan, MonotonicClock.Second);

        Assert.That(_swarm.Preferring, Is.EqualTo(new[] { Named }));
    }

    [TestCase("192.168.1.7")]
    [TestCase("127.0.0.7")]
    [TestCase("fd00::7")]
    [TestCase("169.254.1.7")]
    public async Task Peers_of_our_own_network_are_told_to_others_there_only(string address)
    {
        await using var stand = new PeerStand();
        var home = new PeerEndPoint(IPAddress.Parse(address), 6881);
        var (neighbour, distant) = (stand.Connect(SpeaksPex), stand.Connect(SpeaksPex, Named, Named.Address));
        _swarm.Connected.AddRange([neighbour, distant, stand.Connect(SpeaksPex, home, home.Address)]);
        var pex = new PexExtension(_swarm);

        pex.Heartbeat(MonotonicClock.Second);

        Assert.That(pex.ToldTo(neighbour), Is.EquivalentTo(new[] { home, Named }));
        Assert.That(pex.ToldTo(distant), Is.Empty);
    }

    [Test]
    public async Task Messages_more_often_than_once_a_minute_are_ignored()
    {
        await using var stand = new PeerStand();
        var pex = new PexExtension(_swarm);
        var (one, other) = (stand.Connect(SpeaksPex), stand.Connect(SpeaksPex));
        var text = new ArrayBufferWriter<byte>();
        new PexMessage([new PexPeer(Named, PexTraits.None)], []).Write(text);
        int Added(Peer by, long second)
        {
            _swarm.Added.Clear();
            pex.Received(by, text.WrittenSpan, second * MonotonicClock.Second);
            return _swarm.Added.Count;
        }

        Assert.Multiple(() =>
        {
            Assert.That(Added(one, 0), Is.EqualTo(1));
            Assert.That(Added(one, 30), Is.Zero);
            Assert.That(Added(other, 30), Is.EqualTo(1));
            Assert.That(Added(one, 60), Is.EqualTo(1));
        });
    }

    [TestCase(true, true, ExpectedResult = 1)]
    [TestCase(false, true, ExpectedResult = 0, TestName = "Nothing_is_told_while_the_torrent_may_be_private")]
    [TestCase(true, false, ExpectedResult = 0, TestName = "Nothing_is_told_in_a_private_torrent")]
    public async Task<int> Peers_are_exchanged_in_public_torrents_only(bool hasMetadata, bool mayExchange)
    {
        await using var stand = new PeerStand();
        var swarm = new RecordedSwarm { Info = hasMetadata ? _swarm.Info : null, MayExchangePeers = mayExchange };
        swarm.Connected.AddRange([stand.Connect(SpeaksPex), stand.Connect(new ExtensionHandshake(), Named)]);

        new PexExtension(swarm).Heartbeat(MonotonicClock.Second);

        return swarm.Sent.Count;
    }

    [Test]
    public async Task What_is_known_of_a_peer_goes_with_its_connection()
    {
        await using var stand = new PeerStand();
        _swarm.Connected.AddRange([stand.Connect(SpeaksPex), stand.Connect(new ExtensionHandshake(), Named)]);
        var pex = new PexExtension(_swarm);
        pex.Heartbeat(MonotonicClock.Second);

        pex.PeerLeft(_swarm.Connected[0], MonotonicClock.Second);

        Assert.That(pex.ToldTo(_swarm.Connected[0]), Is.Empty);
    }
}
