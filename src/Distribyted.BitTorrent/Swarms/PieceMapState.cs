namespace Distribyted.BitTorrent.Swarms;

/// <summary>Where a piece is, for maps that users look at.</summary>
public enum PieceMapState
{
    /// <summary>Not here, and no reader wants it.</summary>
    Absent,

    /// <summary>Not here, and in the window of an open reader.</summary>
    Wanted,

    /// <summary>Some of its blocks are here or asked for.</summary>
    InFlight,

    /// <summary>Verified, in memory only.</summary>
    InMemory,

    /// <summary>Verified and on disk.</summary>
    Have,
}
