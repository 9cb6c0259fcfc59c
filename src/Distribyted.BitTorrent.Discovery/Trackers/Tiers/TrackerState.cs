using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>One tracker of one torrent: what it knows of us. Guarded by the announcer's lock.</summary>
internal sealed class TrackerState(TrackerAddress address)
{
    /// <summary>Where it is.</summary>
    public TrackerAddress Address { get; } = address;

    /// <summary>For people and logs.</summary>
    public string Host => Address.Host;

    /// <summary>It was told <c>started</c>, or may have been.</summary>
    public bool KnowsUs { get; set; }

    /// <summary>It was told <c>completed</c>, or that a torrent is whole which it had not seen us load: once is enough (BEP 3).</summary>
    public bool ToldCompleted { get; private set; }

    /// <summary>It asked never to be asked again (BEP 31).</summary>
    public bool SaidNever { get; set; }

    /// <summary>What it wants to be reminded of (BEP 3); null: nothing.</summary>
    public string? TrackerId { get; set; }

    /// <summary>What it is to be told next.</summary>
    /// <param name="isComplete">The torrent's last piece came in this run.</param>
    public AnnounceEvent NextEvent(bool isComplete)
    {
        return !KnowsUs ? AnnounceEvent.Started
            : OwesCompleted(isComplete) ? AnnounceEvent.Completed
            : AnnounceEvent.None;
    }

    /// <summary>Whether it is to be told <c>completed</c>, which only a tracker that saw us start wants to hear (BEP 3).</summary>
    public bool OwesCompleted(bool isComplete)
    {
        return isComplete && KnowsUs && !ToldCompleted;
    }

    /// <summary>It answered an announce.</summary>
    public void Heard(AnnounceEvent told, long left)
    {
        KnowsUs = true;
        ToldCompleted |= told == AnnounceEvent.Completed || (told == AnnounceEvent.Started && left == 0);
    }
}
