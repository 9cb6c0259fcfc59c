namespace Distribyted.BitTorrent.Peers;

/// <summary>How a dial ended.</summary>
internal enum DialOutcome
{
    /// <summary>The peer could not be reached, or refused.</summary>
    Failed,

    /// <summary>It never left this machine: that says nothing about the peer.</summary>
    NotTried,

    /// <summary>There was no place for it here: that says nothing about the peer either.</summary>
    NoPlace,

    /// <summary>The peer is connected.</summary>
    Joined,
}
