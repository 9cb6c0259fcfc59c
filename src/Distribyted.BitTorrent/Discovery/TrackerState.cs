using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>One tracker of one torrent: what it knows of us. Guarded by the announcer's lock.</summary>
internal sealed class TrackerState(TrackerAddress address)
{
    /// <summary>Where it is.</summary>
    public TrackerAddress Address { get; } = address;

    /// <summary>For people and logs.</summary>
    public string Host => Address.Host;

    /// <summary>It was told <c>started</c>, or may have been.</summary>
    public bool KnowsUs { get; set; }

    /// <summary>It is to be told <c>completed</c>, which only a tracker that saw us start wants to hear (BEP 3).</summary>
    public bool OwesCompleted { get; set; }

    /// <summary>It asked never to be asked again (BEP 31).</summary>
    public bool SaidNever { get; set; }

    /// <summary>What it wants to be reminded of (BEP 3); null: nothing.</summary>
    public string? TrackerId { get; set; }

    /// <summary>What it is to be told next.</summary>
    public AnnounceEvent NextEvent =>
        !KnowsUs ? AnnounceEvent.Started
        : OwesCompleted ? AnnounceEvent.Completed
        : AnnounceEvent.None;
}
