using Distribyted.BitTorrent.Peers;
using static Distribyted.BitTorrent.Peers.PeerUse;
using static Distribyted.BitTorrent.Peers.PeerWant;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerFactsTests
{
    // wanted, seconds, has spoken, has what is wanted, chokes, gave, takes
    [TestCase(Nothing, 100, true, false, true, 0, true, Takes)]
    [TestCase(Nothing, 100, true, false, false, 1000, false, None)]
    [TestCase(Metadata, 1, false, false, true, 0, false, Unknown)]
    [TestCase(Metadata, 6, false, false, true, 0, false, None)]
    [TestCase(Metadata, 1, true, false, true, 0, false, None)]
    [TestCase(Metadata, 100, false, true, true, 0, false, Gives)]
    [TestCase(PeerWant.Pieces, 1, false, false, true, 0, false, Unknown)]
    [TestCase(PeerWant.Pieces, 6, false, false, true, 0, false, None)]
    [TestCase(PeerWant.Pieces, 1, true, false, false, 0, true, None)]
    [TestCase(PeerWant.Pieces, 1, true, true, true, 0, false, MayGive)]
    [TestCase(PeerWant.Pieces, 16, true, true, true, 0, false, None)]
    [TestCase(PeerWant.Pieces, 100, true, true, true, 1000, false, MayGive)]
    [TestCase(PeerWant.Pieces, 100, true, true, false, 0, false, Gives)]
    public void What_a_peer_is_good_for(
        PeerWant want,
        int seconds,
        bool hasSpoken,
        bool hasWanted,
        bool isChoking,
        long downloaded,
        bool takes,
        PeerUse use
    )
    {
        var facts = new PeerFacts(seconds * MonotonicClock.Second, hasSpoken, hasWanted, isChoking, downloaded, takes);

        Assert.That(facts.UseFor(want), Is.EqualTo(use));
    }
}
