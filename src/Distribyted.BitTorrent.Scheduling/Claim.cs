namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What became of a block that a peer sent.</summary>
public enum Claim
{
    /// <summary>Wanted; it belongs to the caller now, who must fill it in.</summary>
    New,

    /// <summary>Asked of this peer, but another was first.</summary>
    Duplicate,

    /// <summary>Never asked of this peer, or long cancelled.</summary>
    Unasked,
}
