using System.Net;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;

namespace Distribyted.BitTorrent.Tests.Extensions;

/// <summary>Who is connected to whom by us, and whom others make us dial.</summary>
internal sealed class HolepunchExtensionTests
{
    private static readonly ExtensionHandshake Speaks = new ExtensionHandshake().WithId("ut_holepunch", 9);
    private static readonly PeerEndPoint Near = new(IPAddress.Parse("198.51.100.7"), 6881);
    private static readonly PeerEndPoint Far = new(IPAddress.Parse("203.0.113.9"), 6882);

    private readonly RecordedSwarm _swarm = new();

    [SetUp]
    public void Clear()
    {
        _swarm.Connected.Clear();
        _swarm.Sent.Clear();
        _swarm.Punched.Clear();
        _swarm.Dialling.Clear();
        (_swarm.MayExchangePeers, _swarm.MayPunch) = (true, true);
    }

    [Test]
    public async Task As_relay_both_peers_are_told_of_one_another()
    {
        await using var stand = new PeerStand();
        var (initiator, target) = (stand.Connect(Speaks, Near, Near.Address), stand.Connect(Speaks, Far, Far.Address));
        _swarm.Connected.AddRange([initiator, target]);

        Receive(new HolepunchExtension(_swarm), initiator, new HolepunchMessage(HolepunchKind.Rendezvous, Far));

        Assert.That(
            Sent(),
            Is.EquivalentTo([
                (initiator, new HolepunchMessage(HolepunchKind.Connect, Far)),
                (target, new HolepunchMessage(HolepunchKind.Connect, Near)),
            ])
        );
    }

    [TestCase(false, false, HolepunchError.NotConnected)]
    [TestCase(true, false, HolepunchError.NoSupport)]
    public async Task As_relay_what_cannot_be_done_is_said_to_who_asked_only(bool isConnected, bool speaks, HolepunchError error)
    {
        await using var stand = new PeerStand();
        var initiator = stand.Connect(Speaks, Near, Near.Address);
        _swarm.Connected.Add(initiator);
        if (isConnected)
        {
            _swarm.Connected.Add(stand.Connect(speaks ? Speaks : new ExtensionHandshake(), Far, Far.Address));
        }

        Receive(new HolepunchExtension(_swarm), initiator, new HolepunchMessage(HolepunchKind.Rendezvous, Far));

        Assert.That(Sent(), Is.EqualTo([(initiator, new HolepunchMessage(HolepunchKind.Error, Far, error))]));
    }

    [Test]
    public async Task A_peer_is_not_connected_to_itself()
    {
        await using var stand = new PeerStand();
        var initiator = stand.Connect(Speaks, Near, Near.Address);
        _swarm.Connected.Add(initiator);

        Receive(new HolepunchExtension(_swarm), initiator, new HolepunchMessage(HolepunchKind.Rendezvous, Near));

        Assert.That(Sent().Single().Message.Error, Is.EqualTo(HolepunchError.NotConnected));
    }

    [Test]
    public async Task As_relay_and_as_target_ten_a_minute_are_done_for_a_peer()
    {
        await using var stand = new PeerStand();
        var (initiator, target) = (stand.Connect(Speaks, Near, Near.Address), stand.Connect(Speaks, Far, Far.Address));
        _swarm.Connected.AddRange([initiator, target]);
        var extension = new HolepunchExtension(_swarm);

        for (var i = 0; i < 30; i++)
        {
            Receive(extension, initiator, new HolepunchMessage(HolepunchKind.Rendezvous, Far));
            Receive(extension, initiator, new HolepunchMessage(HolepunchKind.Connect, Far));
        }

        Assert.That(_swarm.Sent, Has.Count.EqualTo(20));
        Assert.That(_swarm.Punched, Has.Count.EqualTo(10));
        Receive(extension, initiator, new HolepunchMessage(HolepunchKind.Connect, Far), 61 * MonotonicClock.Second);
        Assert.That(_swarm.Punched, Has.Count.EqualTo(11));
    }

    [Test]
    public async Task A_peer_that_could_not_be_dialled_is_asked_for_once_of_who_named_it()
    {
        await using var stand = new PeerStand();
        var relay = stand.Connect(Speaks, Near, Near.Address);
        var extension = new HolepunchExtension(_swarm);
        extension.PeersNamed(relay, [new PexPeer(Far, PexTraits.SupportsHolepunch)]);

        extension.DialFailed(new PeerEndPoint(Far.Address, 1), 0);
        extension.DialFailed(Far, 0);
        extension.DialFailed(Far, 0);

        Assert.That(Sent(), Is.EqualTo([(relay, new HolepunchMessage(HolepunchKind.Rendezvous, Far))]));
    }

    [TestCase(PexTraits.SupportsHolepunch, true, true)]
    [TestCase(PexTraits.SupportsHolepunch, false, false)]
    [TestCase(PexTraits.SupportsHolepunch | PexTraits.Reachable, true, false)]
    [TestCase(PexTraits.None, true, false)]
    public async Task For_a_peer_behind_a_NAT_it_is_asked_for_while_the_dial_is_under_way(PexTraits flags, bool isDialled, bool isAsked)
    {
        await using var stand = new PeerStand();
        var relay = stand.Connect(Speaks, Near, Near.Address);
        var extension = new HolepunchExtension(_swarm);
        extension.PeersNamed(relay, [new PexPeer(Far, flags)]);
        _swarm.Dialling.AddRange(isDialled ? [Far] : []);

        extension.Heartbeat(MonotonicClock.Second);
        extension.Heartbeat(2 * MonotonicClock.Second);

        (Peer, HolepunchMessage)[] expected = isAsked ? [(relay, new HolepunchMessage(HolepunchKind.Rendezvous, Far))] : [];
        Assert.That(Sent(), Is.EqualTo(expected));
        extension.DialFailed(Far, 3 * MonotonicClock.Second);
        Assert.That(Sent(), Has.Exactly(1).Items, "once in all");
    }

    [Test]
    public async Task Who_does_not_speak_it_has_left_or_named_it_in_a_private_torrent_is_no_relay()
    {
        await using var stand = new PeerStand();
        var (mute, gone, relay) = (stand.Connect(new ExtensionHandshake()), stand.Connect(Speaks), stand.Connect(Speaks));
        var extension = new HolepunchExtension(_swarm);

        extension.PeersNamed(mute, [new PexPeer(Far, PexTraits.None)]);
        extension.DialFailed(Far, 0);
        extension.PeersNamed(gone, [new PexPeer(Far, PexTraits.None)]);
        extension.PeerLeft(gone, 0);
        extension.DialFailed(Far, 0);
        _swarm.MayExchangePeers = false;
        extension.PeersNamed(relay, [new PexPeer(Far, PexTraits.None)]);
        extension.DialFailed(Far, 0);

        Assert.That(_swarm.Sent, Is.Empty);
        Assert.That(extension.IsOffered, Is.False);
    }

    private static void Receive(HolepunchExtension extension, Peer from, HolepunchMessage message, long now = 0)
    {
        var bytes = new byte[HolepunchMessage.MaxLength];
        var length = message.WriteMessage(bytes, extension.LocalId);
        extension.Received(from, bytes.AsSpan(6, length - 6), now);
    }

    private List<(Peer Peer, HolepunchMessage Message)> Sent()
    {
        return _swarm.Sent.ConvertAll(static s =>
        {
            Assert.That(s.Message[5], Is.EqualTo(9), "the id that the receiver gave out");
            return (s.Peer, HolepunchMessage.Read(s.Message.AsSpan(6)));
        });
    }
}
