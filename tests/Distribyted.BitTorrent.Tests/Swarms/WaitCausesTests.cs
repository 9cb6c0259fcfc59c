using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Each cause of a wait, and that the first one without which the piece would come is named.</summary>
internal sealed class WaitCausesTests
{
    private static readonly WaitFacts Facts = new(7);
    private static readonly WaitFacts Served = Facts with
    {
        Peers = 4,
        PeersWithPiece = 2,
        UnchokedWithPiece = 2,
        BlocksInFlight = 3,
        AskedPeers = 2,
        AskedRate = 1_500_000,
    };

    private static IEnumerable<TestCaseData> Causes()
    {
        yield return Case(Served with { HasMetadata = false }, WaitCause.MetadataMissing, "none of the 4 connected peers has sent it");
        yield return Case(
            Facts with
            {
                HasMetadata = false,
                Peers = 1,
            },
            WaitCause.MetadataMissing,
            "the one connected peer has not sent it"
        );
        yield return Case(Facts with { HasMetadata = false }, WaitCause.MetadataMissing, "no peer is connected yet");
        yield return Case(
            Facts with
            {
                HasMetadata = false,
                SourceTrouble = "tracker.example refuses",
            },
            WaitCause.MetadataMissing,
            "no peer is known: tracker.example refuses"
        );
        yield return Case(Served with { LacksSpace = true, IsDiskFull = true }, WaitCause.DiskFull, "disk");
        yield return Case(Served with { LacksSpace = true }, WaitCause.CacheFull, "torrent.global_cache_size");
        yield return Case(Served with { LacksSpace = true, LacksMemory = true }, WaitCause.CacheFull, "torrent.piece_memory");
        yield return Case(Served with { IsRateUsedUp = true, RateLimit = 200_000 }, WaitCause.RateLimit, "200 kB/s");
        yield return Case(Served, WaitCause.Arriving, "from 2 peers, which send 1.5 MB/s");
        yield return Case(Served with { SilentPeers = 1 }, WaitCause.Arriving, "from 2 peers");
        yield return Case(Served with { SilentPeers = 2 }, WaitCause.PeersSilent, "2 peers were asked");
        yield return Case(
            Served with
            {
                AskedPeers = 1,
                AskedRate = 9_000,
            },
            WaitCause.OneSlowPeer,
            "was asked of one peer, which sends 9 kB/s"
        );
        yield return Case(Served with { AskedPeers = 1, PeersWithPiece = 1 }, WaitCause.OneSlowPeer, "Only one peer has piece 7");
        yield return Case(
            Served with
            {
                AskedPeers = 1,
                SilentPeers = 1,
            },
            WaitCause.PeersSilent,
            "One peer was asked for piece 7 and is silent"
        );
        yield return Case(Facts, WaitCause.NoPeersKnown, "No peer is known yet");
        yield return Case(Facts with { SourceTrouble = "tracker.example refuses" }, WaitCause.SourcesFail, "tracker.example refuses");
        yield return Case(Facts with { Dials = 2, SourceTrouble = "x" }, WaitCause.Connecting, "2 peers");
        yield return Case(Facts with { Dials = 2, KnownPeers = 3, FailedPeers = 2 }, WaitCause.Connecting, "2 peers");
        yield return Case(Facts with { Dials = 1, KnownPeers = 2, FailedPeers = 2 }, WaitCause.PeersUnreachable, "2 peers are known");
        yield return Case(Facts with { IsHeldBack = true, KnownPeers = 5 }, WaitCause.ConnectionLimit, "max_connections");
        yield return Case(Facts with { KnownPeers = 5 }, WaitCause.PeersUnreachable, "5 peers are known");
        yield return Case(Facts with { Peers = 5, Dials = 3 }, WaitCause.NoSeedHasPiece, "None of the 5 connected peers has piece 7");
        yield return Case(Facts with { Peers = 1 }, WaitCause.NoSeedHasPiece, "The one connected peer");
        yield return Case(Facts with { Peers = 5, PeersWithPiece = 3 }, WaitCause.AllChoke, "The 3 peers that have piece 7 all choke us");
        yield return Case(Facts with { Peers = 5, PeersWithPiece = 1 }, WaitCause.AllChoke, "The one peer that has piece 7 chokes us");
        yield return Case(Facts with { Peers = 5, PeersWithPiece = 3, UnchokedWithPiece = 1 }, WaitCause.AboutToAsk, "about to be asked");
    }

    [TestCaseSource(nameof(Causes))]
    public void A_cause_follows_from_what_is_known(WaitFacts facts, WaitCause cause, string part)
    {
        var found = WaitCauses.Of(facts);

        Assert.That(found, Is.EqualTo(cause));
        Assert.That(WaitCauses.Describe(found, facts), Does.Contain(part).And.EndWith("."));
    }

    [Test]
    public void Every_cause_has_a_case()
    {
        var cases = Causes().Select(c => (WaitCause)c.Arguments[1]!);

        Assert.That(Enum.GetValues<WaitCause>().Except(cases), Is.EqualTo([WaitCause.None]));
    }

    private static TestCaseData Case(WaitFacts facts, WaitCause cause, string part)
    {
        return new TestCaseData(facts, cause, part).SetArgDisplayNames($"{cause}: {part}");
    }
}
