using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Peers;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class PeerTableTests
{
    private PeerStand _stand = null!;
    private SwarmLock _lock = null!;
    private PeerTable _peers = null!;

    [SetUp]
    public void Open()
    {
        _stand = new PeerStand();
        _lock = new SwarmLock(_stand.Services.Clock, static _ => { });
        _peers = new PeerTable(_lock);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    [Test]
    public void A_slot_that_is_used_again_is_not_the_one_of_the_peer_before()
    {
        using var section = _lock.Enter();
        var first = Add();
        _peers.Remove(first);
        var second = Add();

        Assert.That(second.Slot.Index, Is.EqualTo(first.Slot.Index));
        Assert.That(_peers.At(second.Slot), Is.EqualTo(second));
        Assert.That(_peers.At(first.Slot), Is.Null, "a command for the first must not reach the second");
        Assert.That(_peers.Remove(first), Is.False);
        Assert.That(_peers.All, Is.EqualTo(new[] { second }));
    }

    [Test]
    public void Whose_blocks_they_were_is_known_after_the_peer_has_left()
    {
        using var section = _lock.Enter();
        var peer = Add();
        _peers.Remove(peer);
        Add();

        Assert.That(_peers.RemoteOf(peer.Source), Is.EqualTo(peer.Remote));
    }

    [TestCase(false, false, ExpectedResult = 1, TestName = "Staying_counts_who_is_connected")]
    [TestCase(true, false, ExpectedResult = 0, TestName = "Staying_does_not_count_who_is_closed_for_another")]
    [TestCase(false, true, ExpectedResult = 0, TestName = "Staying_does_not_count_whose_connection_is_closed")]
    public int Staying(bool isLeaving, bool isClosed)
    {
        using var section = _lock.Enter();
        var peer = Add();
        peer.IsLeaving = isLeaving;
        if (isClosed)
        {
            peer.Connection.Dispose();
        }

        Assert.That(_peers.Find(peer.Id), isLeaving || isClosed ? Is.Null : Is.EqualTo(peer));
        Assert.That(_peers.Count, Is.EqualTo(1));
        return _peers.Staying;
    }

    [Test]
    public void A_network_of_IPv6_is_one_client()
    {
        using var section = _lock.Enter();
        var first = Add(IPAddress.Parse("2001:db8:0:1::1"));
        Add(IPAddress.Parse("2001:db8:0:1::2"));
        Add(IPAddress.Parse("2001:db8:0:2::1"));
        Add(IPAddress.Parse("2001:db8:0:1::3")).IsLeaving = true;

        Assert.That(_peers.CountOf(first.Client), Is.EqualTo(2));
    }

    [Test]
    public void It_knows_which_pieces_any_peer_has()
    {
        using var section = _lock.Enter();
        Add(); // has not said what it has
        var peer = Add();
        peer.Have = new Bitfield(2) { [1] = true };

        Assert.That((_peers.HasPiece(0), _peers.HasPiece(1)), Is.EqualTo((false, true)));
    }

    private Peer Add(IPAddress? from = null)
    {
        var peer = _stand.Connect(from: from);
        _peers.Add(peer);
        return peer;
    }
}
