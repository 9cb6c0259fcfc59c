namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>How the last round of a tier ended.</summary>
internal enum TierHealth
{
    /// <summary>There was none yet.</summary>
    Unknown,

    /// <summary>A tracker answered.</summary>
    Works,

    /// <summary>No tracker was of use.</summary>
    Fails,
}
