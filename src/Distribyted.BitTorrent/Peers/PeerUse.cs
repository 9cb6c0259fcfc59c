namespace Distribyted.BitTorrent.Peers;

/// <summary>What a connected peer is good for now, from least to most.</summary>
internal enum PeerUse
{
    /// <summary>It cannot give what is wanted, or nothing is wanted and it takes nothing.</summary>
    None,

    /// <summary>Nothing is wanted of it, and it takes what we have.</summary>
    Takes,

    /// <summary>It has just come and has not said what it has.</summary>
    Unknown,

    /// <summary>It has what is wanted, and may still let us have it.</summary>
    MayGive,

    /// <summary>It has what is wanted and lets us have it.</summary>
    Gives,
}
