namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>What a tier does now.</summary>
internal enum TierState
{
    /// <summary>It is asked again when it is due.</summary>
    Waiting,

    /// <summary>A round is under way.</summary>
    Asking,

    /// <summary>Every tracker of it has forbidden retries (BEP 31): it is never asked again.</summary>
    Forbidden,
}
