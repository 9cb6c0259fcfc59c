namespace Distribyted.BitTorrent.Peers;

/// <summary>How much an active torrent needs peers now: in this order torrents get connections and dials when there are too few.</summary>
internal enum SwarmUrgency
{
    /// <summary>It only serves, or waits for its next reader.</summary>
    Idle,

    /// <summary>It looks for its metadata.</summary>
    Pending,

    /// <summary>It was read a moment ago: players open and close readers all the time.</summary>
    Recent,

    /// <summary>A reader is open, and has what it asked for.</summary>
    Reading,

    /// <summary>A reader waits for bytes.</summary>
    Blocked,
}
