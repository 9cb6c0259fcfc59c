using Distribyted.BitTorrent.Discovery.Trackers.Queueing;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>Trackers of which one is enough (BEP 12). Guarded by the announcer's lock.</summary>
internal sealed class TrackerTier(AnnounceTimers.Timer alarm, bool isExtra)
{
    /// <summary>In the order to try: at random first, then the one that worked last in front.</summary>
    public List<TrackerState> Trackers { get; } = [];

    /// <summary>Rings when the tier is due.</summary>
    public AnnounceTimers.Timer Alarm { get; } = alarm;

    /// <summary>From our configuration: not for private torrents.</summary>
    public bool IsExtra { get; } = isExtra;

    /// <summary>Asks it right now; null: it rests.</summary>
    public TierRound? Round { get; set; }

    /// <summary>Peers were wanted, or the torrent completed, while it was being asked; null: neither.</summary>
    public AnnounceUrgency? AskAgain { get; set; }

    /// <summary>The last round worked.</summary>
    public bool Works { get; set; }

    /// <summary>Why not; null: never asked, or it worked.</summary>
    public string? Trouble { get; set; }

    /// <summary>When it may be asked again, by the last round.</summary>
    public TierTimes Times { get; set; }

    /// <summary>When it is due, counted from <see cref="Asked"/>.</summary>
    public TimeSpan Next { get; set; } = TimeSpan.Zero;

    /// <summary>When the last round ended; a timestamp.</summary>
    public long Asked { get; set; }
}
