using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class PeerSupplyTests
{
    private const long Second = MonotonicClock.Second;

    // A reader has waited for a piece for so many seconds. The one peer has it, chokes us, or its connection is closed.
    [TestCase(1, true, false, false, ExpectedResult = false, TestName = "A_peer_that_has_the_piece_and_lets_us_have_it_is_enough")]
    [TestCase(1, false, false, false, ExpectedResult = true, TestName = "A_peer_that_does_not_have_the_piece_is_not_enough")]
    [TestCase(0, false, false, false, ExpectedResult = false, TestName = "A_wait_that_has_just_begun_is_no_lack")]
    [TestCase(2, true, true, false, ExpectedResult = false, TestName = "A_peer_that_has_just_come_may_unchoke_us")]
    [TestCase(3, true, true, false, ExpectedResult = true, TestName = "A_peer_that_chokes_us_for_long_is_not_enough")]
    [TestCase(1, true, false, true, ExpectedResult = true, TestName = "A_connection_that_is_closed_is_not_enough")]
    public async Task<bool> Lacks(int waited, bool hasPiece, bool isChoking, bool isClosed)
    {
        await using var stand = new SwarmStand(pieces: 4);
        var supply = new PeerSupply(stand.State, stand.Peers, stand.Readers);
        return Check();

        bool Check()
        {
            using var section = stand.Enter();
            var peer = stand.Join();
            peer.Have = new Bitfield(4) { [1] = hasPiece };
            peer.IsChoking = isChoking;
            if (isClosed)
            {
                peer.Connection.Dispose();
            }

            Block(stand, 1);
            Assert.That(supply.IsPieceNowhere(), Is.EqualTo(!hasPiece));
            return supply.LacksOwner(Second, waited * Second);
        }
    }

    [TestCase(0, ExpectedResult = DialNeed.Any)]
    [TestCase(3, ExpectedResult = DialNeed.Any)]
    [TestCase(4, ExpectedResult = DialNeed.None)]
    public async Task<DialNeed> Without_metadata_it_needs_peers_while_there_are_few(int count)
    {
        await using var stand = new SwarmStand(pieces: 0);
        return Check();

        DialNeed Check()
        {
            using var section = stand.Enter();
            for (var i = 0; i < count; i++)
            {
                stand.Join();
            }

            return new PeerSupply(stand.State, stand.Peers, stand.Readers).Need(0);
        }
    }

    [Test]
    public async Task With_metadata_it_needs_peers_only_for_what_a_reader_wants()
    {
        await using var stand = new SwarmStand(pieces: 4);
        var supply = new PeerSupply(stand.State, stand.Peers, stand.Readers);
        Check();

        void Check()
        {
            using var section = stand.Enter();
            var scheduler = stand.State.Content!.Scheduler;
            Assert.That(supply.Need(100 * Second), Is.EqualTo(DialNeed.None));

            Block(stand, 1);
            scheduler.ReaderSet(new ReaderId(1), new ReaderState(SwarmStand.PieceLength, 2 * SwarmStand.PieceLength, 0, 0), 0);

            Assert.That(supply.Need(0), Is.EqualTo(DialNeed.Any), "no peer is connected: nothing is waited for");
            stand.Join();
            Assert.That(supply.Need(0), Is.EqualTo(DialNeed.More), "the peer may be about to say what it has");
            Assert.That(supply.Need(1 * Second), Is.EqualTo(DialNeed.Any));

            scheduler.PieceAvailable(1);
            Assert.That(supply.Need(0), Is.EqualTo(DialNeed.None), "all that is wanted is here");
        }
    }

    private static void Block(SwarmStand stand, int piece)
    {
        var reader = stand.Readers.Open(0, 4 * SwarmStand.PieceLength, 0, null, now: 0);
        _ = stand.Readers.Block(reader, piece, (long)piece * SwarmStand.PieceLength, now: 0);
    }
}
