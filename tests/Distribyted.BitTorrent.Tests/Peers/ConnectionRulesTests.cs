using Distribyted.BitTorrent.Peers;
using static Distribyted.BitTorrent.Peers.SwarmUrgency;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class ConnectionRulesTests
{
    // No torrent takes from one that needs its connections more.
    [TestCase(Idle, 0, Pending, 60, false)]
    [TestCase(Pending, 0, Reading, 60, false)]
    [TestCase(Idle, 0, Recent, 60, false)]
    [TestCase(Recent, 0, Reading, 60, false)]
    [TestCase(Reading, 0, Blocked, 60, false)]
    // A blocked reader takes what it needs of torrents without readers.
    [TestCase(Blocked, 40, Idle, 1, true)]
    [TestCase(Blocked, 40, Pending, 1, true)]
    [TestCase(Blocked, 40, Recent, 1, true)]
    // Others leave them a few, when they have as many.
    [TestCase(Reading, 40, Idle, 4, false)]
    [TestCase(Reading, 40, Idle, 5, true)]
    [TestCase(Pending, 0, Idle, 1, true)]
    [TestCase(Pending, 2, Idle, 2, false)]
    [TestCase(Pending, 2, Idle, 3, true)]
    // A magnet gets a few although a library is scanned.
    [TestCase(Pending, 0, Recent, 8, false)]
    [TestCase(Pending, 0, Recent, 9, true)]
    [TestCase(Pending, 8, Recent, 9, false)]
    // Equal ones share, and so do a blocked reader and one that has what it needs.
    [TestCase(Idle, 10, Idle, 11, false)]
    [TestCase(Idle, 10, Idle, 12, true)]
    [TestCase(Pending, 0, Pending, 2, true)]
    [TestCase(Pending, 0, Pending, 1, false)]
    [TestCase(Blocked, 30, Blocked, 31, false)]
    [TestCase(Blocked, 30, Blocked, 32, true)]
    [TestCase(Blocked, 30, Reading, 31, false)]
    [TestCase(Blocked, 30, Reading, 32, true)]
    public void Who_may_take_a_place_of_whom(SwarmUrgency claimant, int has, SwarmUrgency holder, int holds, bool may)
    {
        Assert.That(ConnectionRules.MayTake(claimant, has, holder, holds), Is.EqualTo(may));
    }

    [Test]
    public void The_least_urgent_torrent_gives_up_and_of_those_the_one_with_most()
    {
        var reader = Share(Blocked, 0);
        var small = Share(Idle, 5);
        var large = Share(Idle, 9);

        Assert.That(ConnectionRules.WhoGivesUp(reader, [Share(Reading, 60), Share(Pending, 60), small, large, reader]), Is.EqualTo(large));
        Assert.That(ConnectionRules.WhoGivesUp(large, [Share(Reading, 60), small, large]), Is.Null);
    }

    private static SwarmShare Share(SwarmUrgency urgency, int connections)
    {
        return new SwarmShare(static () => { }, static () => { }) { Urgency = urgency, Connections = connections };
    }
}
