using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class PeerInterestTests
{
    private const long Second = MonotonicClock.Second;

    [TestCase(4, 59, ExpectedResult = "Interested", TestName = "Interest_that_was_shown_early_lasts")]
    [TestCase(4, 60, ExpectedResult = "Interested NotInterested", TestName = "Interest_that_was_shown_early_ends_after_a_minute")]
    [TestCase(0, 600, ExpectedResult = "Interested", TestName = "Interest_lasts_while_the_pieces_are_not_known")]
    public async Task<string> A_peer_is_told(int pieces, int seconds)
    {
        await using var stand = new SwarmStand(pieces);
        var interest = new PeerInterest(stand.State, stand.Peers);
        return Check();

        string Check()
        {
            using var section = stand.Enter();
            var peer = stand.Join();
            interest.ShowToAll(0);
            interest.ShowToAll(0); // it is told once

            interest.Expire(seconds * Second);

            return string.Join(' ', SwarmStand.SentTo(peer));
        }
    }
}
