namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PeerStatesTests
{
    [Test]
    public void A_slot_finds_its_own_peer_and_no_other_at_the_same_index()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join(3);

        Assert.That(parts.Peers.Find(peer.Slot), Is.SameAs(peer));
        Assert.That(parts.Peers.Find(peer.Slot with { Generation = 2 }), Is.Null);
        Assert.That(parts.Peers.Find(new PeerSlot(2, 0)), Is.Null, "no peer has joined there");
        Assert.That(parts.Peers.Find(new PeerSlot(1000, 1)), Is.Null);
        Assert.That(parts.Peers.Find(new PeerSlot(-1, 1)), Is.Null);
        peer.Leave();
        Assert.That(parts.Peers.Find(peer.Slot), Is.Null);
    }

    [Test]
    public void States_stay_when_the_table_grows()
    {
        var parts = new SchedulerParts();
        var peer = parts.Join(0);
        for (var index = 1; index < 100; index++)
        {
            parts.Peers.Reserve(index);
        }

        Assert.That(parts.Peers[0], Is.SameAs(peer));
        Assert.That(parts.Peers.Reserve(99), Is.SameAs(parts.Peers[99]));
        Assert.That(parts.Peers.All.ToArray(), Is.Unique);
    }

    [TestCase(true, false, 60_000_000, true)]
    [TestCase(true, false, 59_999_999, false)]
    [TestCase(true, true, 60_000_000, false, Description = "it is dropped already")]
    [TestCase(false, false, 60_000_000, true, Description = "it has never sent anything")]
    public void A_peer_that_chokes_or_never_sent_is_useless_after_a_minute(bool choked, bool dropped, long later, bool expected)
    {
        var parts = new SchedulerParts();
        var peer = parts.Join();
        peer.Choked = choked;
        peer.Dropped = dropped;

        Assert.That(parts.Peers.LeastUseful(parts.Now + later) == peer, Is.EqualTo(expected));
    }

    [Test]
    public void One_that_has_sent_and_would_send_again_is_spare_and_of_the_others_the_longest_silent_is_least_useful()
    {
        var parts = new SchedulerParts();
        var (proven, older, newer) = (parts.Join(0), parts.Join(1), parts.Join(2));
        parts.Ask(proven, parts.Open(0), 0);
        parts.Now += 100_000;
        parts.Receive(proven, 0, 0);
        newer.Hear(parts.Now);
        parts.Now += 60_000_000;

        Assert.That(parts.Peers.LeastUseful(parts.Now), Is.SameAs(older));
        older.Leave();
        Assert.That(parts.Peers.LeastUseful(parts.Now), Is.SameAs(newer));
        newer.Leave();
        Assert.That(parts.Peers.LeastUseful(parts.Now), Is.Null);
        proven.Choked = true;
        Assert.That(parts.Peers.LeastUseful(parts.Now), Is.SameAs(proven));
    }

    [Test]
    public void Another_peer_serves_unless_it_chokes_stalls_or_goes()
    {
        var parts = new SchedulerParts();
        var (silent, other) = (parts.Join(0), parts.Join(1));
        Assert.That(parts.Peers.IsAnotherServing(silent));

        other.Choked = true;
        Assert.That(parts.Peers.IsAnotherServing(silent), Is.False);
        other.Choked = false;
        other.Dropped = true;
        Assert.That(parts.Peers.IsAnotherServing(silent), Is.False);
        other.Dropped = false;
        parts.Ask(other, parts.Open(0), 0);
        other.CheckStalled(parts.Now + 10_000_000, out _);
        Assert.That(parts.Peers.IsAnotherServing(silent), Is.False, "it stalls");
        other.Leave();
        Assert.That(parts.Peers.IsAnotherServing(silent), Is.False);
    }

    [Test]
    public void The_supply_is_what_all_send_that_do_not_choke()
    {
        var parts = new SchedulerParts();
        var (a, b, c) = (parts.Join(0), parts.Join(1), parts.Join(2));
        Assert.That(parts.Peers.Supply(), Is.EqualTo(a.Rate + b.Rate + c.Rate));
        Assert.That(a.Rate, Is.EqualTo(1_000_000), "what is assumed of a new one");

        b.Choked = true;
        c.Leave();

        Assert.That(parts.Peers.Supply(), Is.EqualTo(a.Rate));
    }
}
