using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>The rules by which the trackers of one torrent are asked (BEP 3, 12, 31): which tier when, which tracker first, with which event. Events go in,
/// what to do next comes out. Every tier is asked; in a tier the first tracker that works is enough.</summary>
/// <remarks>Pure: no clock, no I/O, no lock. Times are counted from any fixed moment. Guarded by the lock of its <see cref="TrackerAnnouncer"/>.</remarks>
internal sealed class TierSchedule
{
    /// <summary>Most trackers of a torrent that are asked: a magnet may name thousands.</summary>
    public const int MaxTrackers = 100;

    private readonly List<TrackerTier> _tiers = [];
    private readonly double _spread;
    private readonly Random _random;
    private bool _isStarted;
    private bool _isStopped;
    private bool _isComplete;

    /// <param name="spread">0 to 1, the same for a torrent always: torrents that failed together do not come back together.</param>
    /// <param name="random">Shuffles each tier once (BEP 12).</param>
    public TierSchedule(double spread, Random random)
    {
        _spread = spread;
        _random = random;
    }

    /// <summary>There is no metadata yet: failures are retried sooner.</summary>
    public bool IsPending { get; set; }

    /// <summary>In the order they were added; to look at only.</summary>
    public IReadOnlyList<TrackerTier> Tiers => _tiers;

    /// <summary>Trackers that are to be told <c>stopped</c> in the end.</summary>
    public IEnumerable<TrackerState> Announced => _tiers.SelectMany(tier => tier.Trackers).Where(IsAnnounced);

    /// <summary>When the next tier is due; null: none is.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            TimeSpan? next = null;
            foreach (var tier in _tiers)
            {
                next = tier.Due is { } due && (next is not { } other || due < other) ? due : next;
            }

            return _isStarted && !_isStopped ? next : null;
        }
    }

    /// <summary>Why no peers come from trackers, to be shown to a user: a tracker's warning while one works, else the first failure; null: all is well, or
    /// nothing is known yet.</summary>
    public string? Trouble
    {
        get
        {
            if (_tiers.Count == 0)
            {
                return "no tracker is known that can be asked";
            }

            var working = _tiers.FindAll(static tier => tier.Health == TierHealth.Works);
            if (working.Count > 0)
            {
                return
                    working.Select(static tier => tier.Trackers[0]).FirstOrDefault(static tracker => tracker.Warning is not null)
                        is { } warns
                    ? $"{warns.Host} warns: {warns.Warning}"
                    : null;
            }

            return _tiers.Find(static tier => tier.Trouble is not null)?.Trouble;
        }
    }

    /// <summary>How many peers the trackers know of; null: none has said.</summary>
    public SwarmSize? Size
    {
        get
        {
            SwarmSize? size = null;
            foreach (var tier in _tiers)
            {
                foreach (var tracker in tier.Trackers)
                {
                    size = SwarmSize.Larger(size, tracker.Size);
                }
            }

            return size;
        }
    }

    /// <summary>Adds trackers that are not known yet, each tier as one of its own. They are due at once when the others were started.</summary>
    /// <param name="tiers">What can be asked.</param>
    /// <param name="isExtra">From our configuration: not for private torrents.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many were left out because there are <see cref="MaxTrackers"/>.</returns>
    public int Add(IEnumerable<IEnumerable<TrackerAddress>> tiers, bool isExtra, TimeSpan now)
    {
        var leftOut = 0;
        var known = _tiers.SelectMany(tier => tier.Trackers).Select(tracker => tracker.Address.Uri).ToHashSet();
        foreach (var addresses in tiers)
        {
            var tier = new TrackerTier(isExtra) { Due = _isStarted ? now : null };
            foreach (var address in addresses)
            {
                if (known.Contains(address.Uri))
                {
                    continue;
                }

                if (known.Count >= MaxTrackers)
                {
                    leftOut++;
                    continue;
                }

                known.Add(address.Uri);
                tier.Trackers.Add(new TrackerState(address));
            }

            if (tier.Trackers.Count > 0)
            {
                _random.Shuffle(CollectionsMarshal.AsSpan(tier.Trackers)); // BEP 12
                _tiers.Add(tier);
            }
        }

        return leftOut;
    }

    /// <summary>The torrent is private (BEP 27): removes the extra tiers, and every tracker that its file does not name.</summary>
    /// <returns>Those that are to be told <c>stopped</c>.</returns>
    public IReadOnlyList<TrackerState> KeepOnly(IReadOnlySet<Uri> named)
    {
        List<TrackerState> told = [];
        foreach (var tier in _tiers.ToList())
        {
            foreach (var tracker in tier.Trackers.FindAll(tracker => tier.IsExtra || !named.Contains(tracker.Address.Uri)))
            {
                tracker.IsRemoved = true;
                if (tier.Trackers[0] == tracker)
                {
                    tier.Health = TierHealth.Unknown; // if one worked, it was this one
                }

                tier.Trackers.Remove(tracker);
                if (IsAnnounced(tracker))
                {
                    told.Add(tracker);
                }
            }

            if (tier.Trackers.Count == 0)
            {
                _tiers.Remove(tier);
            }
        }

        return told;
    }

    /// <summary>Every tier is due now.</summary>
    public void Start(TimeSpan now)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _tiers.ForEach(tier => tier.Due = now);
        }
    }

    /// <summary>Nothing is due any more.</summary>
    public void Stop()
    {
        _isStopped = true;
    }

    /// <summary>Begins a round of every tier that is due. A tier whose trackers, all of them, did not answer a moment ago waits without one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="silentFor">How much longer a tracker is held back because it did not answer; null: it may be asked.</param>
    /// <returns>The tiers to ask, and their trackers in the order to try. Each ends with <see cref="Worked"/> or <see cref="Failed"/>.</returns>
    public IReadOnlyList<(TrackerTier Tier, IReadOnlyList<TrackerState> Trackers)> TakeDue(
        TimeSpan now,
        Func<TrackerAddress, TimeSpan?> silentFor
    )
    {
        List<(TrackerTier, IReadOnlyList<TrackerState>)> rounds = [];
        foreach (var tier in _isStopped ? [] : _tiers.Where(tier => tier.State == TierState.Waiting && tier.Due <= now))
        {
            if (AllSilent(tier, silentFor) is { } left)
            {
                Wait(tier, TierTimes.Failed(AnnounceAnswer.Skipped(left), tier.Times.FailedRounds, IsPending, _spread), now);
                continue;
            }

            tier.State = TierState.Asking;
            tier.Due = null;
            rounds.Add((tier, [.. tier.Trackers.Where(tracker => !tracker.RetryForbidden)]));
        }

        return rounds;
    }

    /// <summary>The event of the next announce to a tracker.</summary>
    public AnnounceEvent NextEvent(TrackerState tracker)
    {
        return tracker.NextEvent(_isComplete);
    }

    /// <summary>A tracker answered an announce.</summary>
    /// <param name="tracker">Which.</param>
    /// <param name="told">The event that it was told.</param>
    /// <param name="left">The bytes left that it was told.</param>
    /// <param name="answer">Its answer.</param>
    /// <returns>True: it was removed meanwhile and is to be told <c>stopped</c>.</returns>
    public static bool Acknowledged(TrackerState tracker, AnnounceEvent told, long left, AnnounceAnswer answer)
    {
        tracker.Acknowledge(told, left);
        tracker.TrackerId = answer.TrackerId ?? tracker.TrackerId;
        tracker.Warning = answer.Warning;
        tracker.Size = answer.Size ?? tracker.Size;
        return tracker.IsRemoved;
    }

    /// <summary>An announce was cut short: a tracker that was sent <c>started</c> may have heard it.</summary>
    public static void MayHaveHeard(TrackerState tracker, AnnounceEvent told)
    {
        if (told == AnnounceEvent.Started && tracker.Announced == AnnouncedStage.None)
        {
            tracker.Announced = AnnouncedStage.Started;
        }
    }

    /// <summary>A tracker gave no peers but a reason.</summary>
    public static void Refused(TrackerState tracker, TimeSpan? retryIn)
    {
        tracker.RetryForbidden |= retryIn == TimeSpan.MaxValue; // BEP 31
    }

    /// <summary>A tracker acknowledged <c>stopped</c>, or was tried in vain.</summary>
    public static void Stopped(TrackerState tracker)
    {
        tracker.Announced = AnnouncedStage.None;
    }

    /// <summary>A round has ended: a tracker works, and comes first from now on (BEP 12).</summary>
    /// <param name="tier">Which tier.</param>
    /// <param name="tracker">Its tracker that answered.</param>
    /// <param name="answer">What it answered.</param>
    /// <param name="isAlone">It named no peer but ourselves.</param>
    /// <param name="now">The time.</param>
    public void Worked(TrackerTier tier, TrackerState tracker, AnnounceAnswer answer, bool isAlone, TimeSpan now)
    {
        if (tier.Trackers.Remove(tracker))
        {
            tier.Trackers.Insert(0, tracker);
            tier.Health = TierHealth.Works;
            tier.Trouble = null;
        }

        Wait(tier, TierTimes.Worked(answer, tier.Times.FailedRounds, IsPending, isAlone, _spread), now);
    }

    /// <summary>A round has ended without a tracker that works.</summary>
    public void Failed(TrackerTier tier, AnnounceAnswer answer, TimeSpan now)
    {
        tier.Health = TierHealth.Fails;
        tier.Trouble = answer.Trouble;
        if (tier.Trackers.TrueForAll(static tracker => tracker.RetryForbidden))
        {
            tier.State = TierState.Forbidden;
            tier.Due = null;
            return;
        }

        Wait(tier, TierTimes.Failed(answer, tier.Times.FailedRounds, IsPending, _spread), now);
    }

    /// <summary>Peers are wanted: tiers are due as soon as their trackers allow it.</summary>
    public void Want(AnnounceUrgency urgency, TimeSpan now)
    {
        foreach (var tier in _tiers)
        {
            AskAt(tier, tier.Asked + tier.Times.SoonestFor(urgency), urgency);
        }
    }

    /// <summary>This machine was away, or has another address: tiers are due now. Once; their intervals go on from there.</summary>
    /// <param name="all">Whether those that work are asked, too: they may know an address of ours that is gone.</param>
    /// <param name="urgency">How urgently peers are needed.</param>
    /// <param name="now">The time.</param>
    public void Returned(bool all, AnnounceUrgency urgency, TimeSpan now)
    {
        foreach (var tier in _tiers.Where(tier => all || tier.Trouble is not null))
        {
            AskAt(tier, now, urgency);
        }
    }

    /// <summary>The last piece came: trackers that saw us start are told at once, those that are being told so right now afterwards.</summary>
    public void Completed(TimeSpan now)
    {
        _isComplete = true;
        foreach (var tier in _tiers.Where(tier => tier.State == TierState.Asking || NeedsCompleted(tier)))
        {
            AskAt(tier, now, AnnounceUrgency.Regular);
        }
    }

    private static bool IsAnnounced(TrackerState tracker)
    {
        return tracker.Announced != AnnouncedStage.None;
    }

    private bool NeedsCompleted(TrackerTier tier)
    {
        return tier.Trackers.Exists(tracker => tracker.NeedsCompleted(_isComplete));
    }

    private void AskAt(TrackerTier tier, TimeSpan at, AnnounceUrgency urgency)
    {
        if (tier.State == TierState.Asking)
        {
            tier.AskAgain = tier.AskAgain > urgency ? tier.AskAgain : urgency;
        }
        else if (tier.State == TierState.Waiting && at < tier.Due)
        {
            tier.Due = at;
        }
    }

    /// <summary>The round is over; the next one is due as the times say, or sooner when peers were wanted meanwhile.</summary>
    private void Wait(TrackerTier tier, TierTimes times, TimeSpan now)
    {
        tier.State = TierState.Waiting;
        tier.Asked = now;
        tier.Times = times;
        var next = times.Next;
        if (tier.AskAgain is { } urgency)
        {
            tier.AskAgain = null;
            next = NeedsCompleted(tier) ? TimeSpan.Zero : times.SoonestFor(urgency);
        }

        tier.Due = now + next;
    }

    /// <summary>How long until one of a tier's trackers may be asked, when others just found out that none answers; null: one may be.</summary>
    private static TimeSpan? AllSilent(TrackerTier tier, Func<TrackerAddress, TimeSpan?> silentFor)
    {
        if (tier.Trouble is null)
        {
            return null; // why a tier fails that was not asked yet is found out by a real try
        }

        TimeSpan? least = null;
        foreach (var tracker in tier.Trackers.Where(static tracker => !tracker.RetryForbidden))
        {
            if (silentFor(tracker.Address) is not { } silent)
            {
                return null;
            }

            least = least < silent ? least : silent;
        }

        return least;
    }
}
