namespace Distribyted.BitTorrent.Swarms;

/// <summary>State of a piece as the API shows it.</summary>
public enum PieceStatus
{
    /// <summary>Not here.</summary>
    Waiting,

    /// <summary>Some blocks are here.</summary>
    Partial,

    /// <summary>Being hashed.</summary>
    Checking,

    /// <summary>On disk and verified.</summary>
    Complete,
}
