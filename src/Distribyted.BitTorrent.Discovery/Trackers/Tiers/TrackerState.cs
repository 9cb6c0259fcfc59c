using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>One tracker of one torrent, and what it was told. Changed by <see cref="TierSchedule"/> only.</summary>
internal sealed class TrackerState(TrackerAddress address)
{
    /// <summary>Where it is.</summary>
    public TrackerAddress Address { get; } = address;

    /// <summary>Its host, for messages and logs.</summary>
    public string Host => Address.Host;

    /// <summary>What it was told of us.</summary>
    public AnnouncedStage Announced { get; set; }

    /// <summary>It forbade further announces (BEP 31).</summary>
    public bool RetryForbidden { get; set; }

    /// <summary>The torrent does not have it any more.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>To be sent back with the next announce (BEP 3); null: nothing.</summary>
    public string? TrackerId { get; set; }

    /// <summary>Its warning (BEP 3), in the last answer; null: none.</summary>
    public string? Warning { get; set; }

    /// <summary>How many peers it counted last; null: it never said.</summary>
    public SwarmSize? Size { get; set; }

    /// <summary>The event of the next announce.</summary>
    /// <param name="isComplete">The torrent's last piece came in this run.</param>
    public AnnounceEvent NextEvent(bool isComplete)
    {
        return Announced == AnnouncedStage.None ? AnnounceEvent.Started
            : NeedsCompleted(isComplete) ? AnnounceEvent.Completed
            : AnnounceEvent.None;
    }

    /// <summary>Whether it is to be told <c>completed</c>, which only a tracker that saw us start wants to hear (BEP 3).</summary>
    public bool NeedsCompleted(bool isComplete)
    {
        return isComplete && Announced == AnnouncedStage.Started;
    }

    /// <summary>It answered an announce.</summary>
    public void Acknowledge(AnnounceEvent told, long left)
    {
        var isWhole = told == AnnounceEvent.Completed || (told == AnnounceEvent.Started && left == 0);
        Announced = isWhole || Announced == AnnouncedStage.Completed ? AnnouncedStage.Completed : AnnouncedStage.Started;
    }
}
