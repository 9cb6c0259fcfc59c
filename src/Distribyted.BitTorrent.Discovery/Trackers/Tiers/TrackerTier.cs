using Distribyted.BitTorrent.Discovery.Trackers.Queueing;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>Trackers of which one is enough (BEP 12). Changed by <see cref="TierSchedule"/> only.</summary>
internal sealed class TrackerTier(bool isExtra)
{
    /// <summary>In the order to try: at random first, then the one that worked last in front.</summary>
    public List<TrackerState> Trackers { get; } = [];

    /// <summary>From our configuration: not for private torrents.</summary>
    public bool IsExtra { get; } = isExtra;

    public TierState State { get; set; }

    public TierHealth Health { get; set; }

    /// <summary>Why the last round failed; null: it did not.</summary>
    public string? Trouble { get; set; }

    /// <summary>When it is asked next; null: not before something happens.</summary>
    public TimeSpan? Due { get; set; }

    /// <summary>When the last round ended.</summary>
    public TimeSpan Asked { get; set; }

    /// <summary>The times that follow from the last round.</summary>
    public TierTimes Times { get; set; }

    /// <summary>Peers were wanted, or the torrent completed, while a round was under way: how urgently; null: neither.</summary>
    public AnnounceUrgency? AskAgain { get; set; }
}
