using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
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

    [TestCase(0, ExpectedResult = true)]
    [TestCase(3, ExpectedResult = true)]
    [TestCase(4, ExpectedResult = false)]
    public async Task<bool> Without_metadata_it_is_short_of_peers_while_there_are_few(int count)
    {
        await using var stand = new SwarmStand(pieces: 0);
        return Check();

        bool Check()
        {
            using var section = stand.Enter();
            for (var i = 0; i < count; i++)
            {
                stand.Join();
            }

            return new PeerSupply(stand.State, stand.Peers, stand.Readers).IsShort(0);
        }
    }

    [Test]
    public async Task With_metadata_it_is_short_of_peers_only_when_a_reader_waits()
    {
        await using var stand = new SwarmStand(pieces: 4);
        var supply = new PeerSupply(stand.State, stand.Peers, stand.Readers);
        Check();

        void Check()
        {
            using var section = stand.Enter();
            Assert.That(supply.IsShort(100 * Second), Is.False);

            Block(stand, 1);

            Assert.That(supply.IsShort(0), "no peer is connected: nothing is waited for");
            stand.Join();
            Assert.That(supply.IsShort(0), Is.False, "the peer may be about to say what it has");
            Assert.That(supply.IsShort(1 * Second));
        }
    }

    private static void Block(SwarmStand stand, int piece)
    {
        var reader = stand.Readers.Open(0, 4 * SwarmStand.PieceLength, 0, null, now: 0);
        _ = stand.Readers.Block(reader, piece, (long)piece * SwarmStand.PieceLength, now: 0);
    }
}
