using CsCheck;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Tiers;

/// <summary>When a tier is asked again.</summary>
internal sealed class TierTimesTests
{
    // interval, min interval (0: not said), next, soonest, soonest for a reader; seconds
    [TestCase(1800, 0, 1800, 120, 60)]
    [TestCase(1800, 900, 1800, 900, 900)]
    [TestCase(1800, 3600, 3600, 3600, 3600)]
    [TestCase(1800, 1, 1800, 60, 60)]
    [TestCase(1, 0, 60, 60, 60)]
    [TestCase(100_000, 0, 43_200, 120, 60)]
    public void A_tracker_that_answers_is_asked_again(int interval, int minimum, int next, int soonest, int soonestForReader)
    {
        var answer = new AnnounceAnswer
        {
            Interval = TimeSpan.FromSeconds(interval),
            MinInterval = minimum == 0 ? null : TimeSpan.FromSeconds(minimum),
        };

        var times = TierTimes.Worked(answer, failedRounds: 3, isPending: false, isAlone: true, spread: 0);

        Assert.That(times, Is.EqualTo(Times(next, soonest, soonestForReader, 0)));
    }

    [TestCase(0, 120)]
    [TestCase(5, 320)]
    [TestCase(30, 600)]
    public void A_magnet_whose_tracker_names_no_peer_yet_asks_again_sooner_than_the_interval(int failedRounds, int next)
    {
        var times = TierTimes.Worked(new AnnounceAnswer(), failedRounds, isPending: true, isAlone: true, spread: 0);

        Assert.That(times, Is.EqualTo(Times(next, 120, 60, failedRounds + 1)));
    }

    // failures before, next, next without metadata, soonest for a reader with and without metadata; seconds
    [TestCase(0, 15, 10, 5, 5)]
    [TestCase(1, 30, 20, 7.5, 7.5)]
    [TestCase(3, 120, 80, 12.5, 10)]
    [TestCase(100, 1800, 600, 15, 10)]
    public void A_tracker_that_fails_is_asked_ever_later_but_soon_for_a_reader(
        int before,
        int next,
        int pending,
        double reader,
        double readerOfPending
    )
    {
        var answer = AnnounceAnswer.Failure("HTTP 500");

        Assert.That(TierTimes.Failed(answer, before, isPending: false, spread: 0), Is.EqualTo(Times(next, 15, reader, before + 1)));
        Assert.That(
            TierTimes.Failed(answer, before, isPending: true, spread: 0),
            Is.EqualTo(Times(pending, 10, readerOfPending, before + 1))
        );
    }

    [TestCase(0, 15)]
    [TestCase(0.5, 15.75)]
    [TestCase(1, 16.5)]
    public void Torrents_that_failed_together_come_back_within_a_tenth_of_the_time(double spread, double next)
    {
        var answer = AnnounceAnswer.Failure("HTTP 500");

        Assert.That(TierTimes.Failed(answer, 0, isPending: false, spread), Is.EqualTo(Times(next, next, 5, 1)));
    }

    // A tier that was asked for is due at its soonest time without a look at the regular one.
    [Test]
    public void Wanted_peers_are_never_asked_for_later_than_without_and_for_a_reader_never_later_than_for_others()
    {
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 100_000], Gen.Int[0, 30], Gen.Bool, Gen.Bool, Gen.Double[0, 1])
            .Sample(
                (interval, other, failedRounds, isPending, flag, spread) =>
                {
                    var answer = new AnnounceAnswer
                    {
                        Interval = TimeSpan.FromSeconds(interval),
                        MinInterval = TimeSpan.FromSeconds(other),
                    };
                    var failure = AnnounceAnswer.Failure("busy", flag ? TimeSpan.FromSeconds(other) : null);
                    var worked = TierTimes.Worked(answer, failedRounds, isPending, flag, spread);
                    var failed = TierTimes.Failed(failure, failedRounds, isPending, spread);
                    return IsOrdered(worked) && IsOrdered(failed);
                }
            );

        static bool IsOrdered(TierTimes times)
        {
            return times.Soonest <= times.Next && times.SoonestForReader <= times.Soonest;
        }
    }

    [Test]
    public void A_time_that_a_failing_tracker_names_holds_for_readers_too()
    {
        var answer = AnnounceAnswer.Failure("busy", TimeSpan.FromMinutes(30));

        Assert.That(TierTimes.Failed(answer, 0, isPending: false, spread: 0), Is.EqualTo(Times(1800, 1800, 1800, 1)));
    }

    [Test]
    public void The_rest_of_a_tracker_that_others_found_silent_is_not_held_against_a_reader()
    {
        var answer = AnnounceAnswer.Skipped(TimeSpan.FromMinutes(5));

        Assert.That(TierTimes.Failed(answer, 0, isPending: false, spread: 0), Is.EqualTo(Times(300, 15, 5, 1)));
    }

    [Test]
    public void While_our_own_network_is_down_no_tracker_has_failed()
    {
        var answer = AnnounceAnswer.For(System.Net.Sockets.SocketError.NetworkUnreachable);

        Assert.That(TierTimes.Failed(answer, 10, isPending: false, spread: 0), Is.EqualTo(Times(15, 15, 5, 1)));
    }

    private static TierTimes Times(double next, double soonest, double soonestForReader, int failedRounds)
    {
        return new TierTimes(
            TimeSpan.FromSeconds(next),
            TimeSpan.FromSeconds(soonest),
            TimeSpan.FromSeconds(soonestForReader),
            failedRounds
        );
    }
}
