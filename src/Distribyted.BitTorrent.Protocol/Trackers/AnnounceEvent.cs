namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>Why a tracker is told (BEP 3); numbers as BEP 15 has them.</summary>
public enum AnnounceEvent
{
    /// <summary>Regularly.</summary>
    None = 0,

    /// <summary>The last piece came; not for torrents that were whole from the start.</summary>
    Completed = 1,

    /// <summary>The first time.</summary>
    Started = 2,

    /// <summary>The last time.</summary>
    Stopped = 3,
}
