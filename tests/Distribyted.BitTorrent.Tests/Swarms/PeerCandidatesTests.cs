using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class PeerCandidatesTests
{
    private const long Second = MonotonicClock.Second;
    private static readonly PeerEndPoint Peer = new(new IPAddress([10, 0, 0, 1]), 6881);
    private static readonly PeerEndPoint Other = new(new IPAddress([10, 0, 0, 2]), 6881);

    [TestCase(0.1, 5, Description = "refused: a seeder may be starting up")]
    [TestCase(5, 15, Description = "silence: our own line may have been down")]
    public void A_peer_that_failed_is_dialled_again_after(double failedAfter, int seconds)
    {
        var candidates = new PeerCandidates();
        candidates.Add(Peer, PeerOrigin.Tracker, 0);
        Assert.That(candidates.TryTake(0, out _, out _));

        candidates.Release(Peer, worked: false, (long)(failedAfter * Second));

        Assert.That(candidates.TryTake((seconds * Second) - 1, out _, out _), Is.False);
        Assert.That(candidates.TryTake(seconds * Second, out _, out _));
    }

    [Test]
    public void Who_was_never_dialled_comes_before_who_failed()
    {
        var candidates = new PeerCandidates();
        candidates.Add(Peer, PeerOrigin.Tracker, 0);
        candidates.TryTake(0, out _, out _);
        candidates.Release(Peer, worked: false, 1);
        candidates.Add(Other, PeerOrigin.Tracker, Second);

        Assert.That(candidates.TryTake(90 * Second, out var first, out _));
        Assert.That(candidates.TryTake(90 * Second, out var second, out _));

        Assert.That((first, second), Is.EqualTo((Other, Peer)));
    }
}
