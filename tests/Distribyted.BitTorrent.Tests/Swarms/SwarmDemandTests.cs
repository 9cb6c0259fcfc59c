using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class SwarmDemandTests
{
    private const long Second = MonotonicClock.Second;

    private readonly SwarmShare _share = new(static () => { }, static () => { });

    // A reader that was opened at 0 s, blocked at 0 s and was closed at 10 s; -1: never. How urgent it is at this second, and how many peers are wanted.
    [TestCase(false, false, false, 0, SwarmUrgency.Pending, 50, TestName = "Without_metadata_it_is_pending")]
    [TestCase(true, false, false, 0, SwarmUrgency.Idle, 50, TestName = "That_was_not_read_it_is_idle")]
    [TestCase(true, false, false, 30, SwarmUrgency.Idle, 8, TestName = "That_was_not_read_for_a_while_it_wants_few_peers")]
    [TestCase(true, true, false, 0, SwarmUrgency.Reading, 50, TestName = "With_a_reader_it_is_read")]
    [TestCase(true, true, true, 0, SwarmUrgency.Blocked, 50, TestName = "With_a_reader_that_waits_it_is_blocked")]
    [TestCase(true, true, true, 2, SwarmUrgency.Blocked, 80, TestName = "With_a_reader_that_waits_long_it_wants_more_peers")]
    [TestCase(true, true, false, 39, SwarmUrgency.Recent, 50, TestName = "That_was_read_a_moment_ago_it_is_recent")]
    [TestCase(true, true, false, 40, SwarmUrgency.Idle, 8, TestName = "That_was_read_a_while_ago_it_is_idle")]
    public async Task A_torrent(bool hasMetadata, bool isRead, bool isBlocked, int at, SwarmUrgency urgency, int wanted)
    {
        await using var stand = new SwarmStand(hasMetadata ? 4 : 0, static o => o.MaxConnectionsPerTorrent = 50);
        var demand = new SwarmDemand(stand.State, stand.Readers, _share);
        Check();

        Assert.That(_share.Urgency, Is.EqualTo(urgency));

        void Check()
        {
            using var section = stand.Enter();
            demand.Update(0);
            if (isRead)
            {
                var reader = stand.Readers.Open(0, SwarmStand.PieceLength, 0, null, 0);
                if (isBlocked)
                {
                    _ = stand.Readers.Block(reader, 0, 0, 0);
                }

                demand.Update(at < 10 ? at * Second : 10 * Second);
                if (at >= 10)
                {
                    stand.Readers.Close(reader, 10 * Second);
                }
            }

            demand.Update(at * Second);
            Assert.That(demand.WantedConnections(at * Second), Is.EqualTo(wanted));
        }
    }

    [Test]
    public async Task A_shared_folder_wants_peers_also_without_readers()
    {
        await using var stand = new SwarmStand(4, static o => o.MaxConnectionsPerTorrent = 50) { IsShared = true };
        var demand = new SwarmDemand(stand.State, stand.Readers, _share);
        Check();

        void Check()
        {
            using var section = stand.Enter();
            demand.Update(100 * Second);

            Assert.That(demand.WantedConnections(100 * Second), Is.EqualTo(50));
        }
    }
}
