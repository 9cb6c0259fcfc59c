using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>When a tier is asked again, counted from the end of its last round. Immutable; the rules are here and nowhere else.</summary>
/// <param name="Next">If nothing happens.</param>
/// <param name="Soonest">Not before this, even if peers are wanted. At most <paramref name="Next"/>.</param>
/// <param name="SoonestForReader">Not before this, even if a reader is blocked. At most <paramref name="Soonest"/>.</param>
/// <param name="FailedRounds">Rounds in a row that brought nothing: failures, or no peers for a torrent without metadata.</param>
internal readonly record struct TierTimes(TimeSpan Next, TimeSpan Soonest, TimeSpan SoonestForReader, int FailedRounds)
{
    private static readonly TimeSpan UsualInterval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(12);
    private static readonly TimeSpan UsualMinimum = TimeSpan.FromMinutes(2);

    /// <summary>After a round in which a tracker answered.</summary>
    /// <param name="answer">Its answer.</param>
    /// <param name="failedRounds">Of the round before.</param>
    /// <param name="isPending">There is no metadata yet.</param>
    /// <param name="isAlone">The tracker named no peer but ourselves.</param>
    /// <param name="spread">0 to 1, the same for a torrent always: torrents that failed together do not come back together.</param>
    public static TierTimes Worked(AnnounceAnswer answer, int failedRounds, bool isPending, bool isAlone, double spread)
    {
        TimeSpan? minInterval = answer.MinInterval is { } minimum ? Clamp(minimum) : null;
        var next = Clamp(answer.Interval ?? UsualInterval);
        var soonest = minInterval ?? UsualMinimum;
        if (isPending && isAlone)
        {
            // The user who added the magnet waits for the first peer.
            next = Min(next, Max(soonest, Backoff(++failedRounds, isPending, spread)));
        }
        else
        {
            failedRounds = 0;
            next = Max(next, minInterval ?? TimeSpan.Zero);
        }

        return new TierTimes(next, Min(soonest, next), Min(minInterval ?? ShortestInterval, next), failedRounds);
    }

    /// <summary>After a round in which no tracker was of use.</summary>
    /// <inheritdoc cref="Worked"/>
    public static TierTimes Failed(AnnounceAnswer answer, int failedRounds, bool isPending, double spread)
    {
        // While our own network is down no tracker has failed. It may be back in a moment.
        failedRounds = answer.IsOurNetwork ? 1 : failedRounds + 1;
        var retryIn = Min(answer.RetryIn ?? TimeSpan.Zero, LongestInterval);
        var asked = answer.WasSkipped ? TimeSpan.Zero : retryIn; // a silent tracker is held back for less time when peers are needed more urgently
        var soonest = Max(Backoff(1, isPending, spread), asked);
        return new TierTimes(
            Max(Backoff(failedRounds, isPending, spread), retryIn),
            soonest,
            Min(soonest, Max(ReaderBackoff(failedRounds), asked)), // a pending torrent is asked for after 10 s, also without a reader
            failedRounds
        );
    }

    /// <summary>How soon it may be asked for this reason.</summary>
    public TimeSpan SoonestFor(AnnounceUrgency urgency)
    {
        return urgency == AnnounceUrgency.Reader ? SoonestForReader : Soonest;
    }

    /// <summary>10 s to 10 min for a torrent without metadata, 15 s to 30 min for others, and up to a tenth more.</summary>
    private static TimeSpan Backoff(int failures, bool isPending, double spread)
    {
        var (first, last) = isPending ? (10.0, 600.0) : (15.0, 1800.0);
        var seconds = Math.Min(last, first * Math.Pow(2, Math.Min(failures - 1, 20)));
        return TimeSpan.FromSeconds(seconds * (1 + (spread / 10)));
    }

    /// <summary>5 s to 15 s while a reader is blocked; never longer than without a reader.</summary>
    private static TimeSpan ReaderBackoff(int failures)
    {
        return TimeSpan.FromSeconds(Math.Min(15, 2.5 * (failures + 1)));
    }

    private static TimeSpan Clamp(TimeSpan interval)
    {
        return Max(ShortestInterval, Min(LongestInterval, interval));
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b)
    {
        return a > b ? a : b;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b)
    {
        return a < b ? a : b;
    }
}
