namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>How urgently a piece needs space in the cache; a larger one may take more from others.</summary>
internal enum SpaceNeed
{
    /// <summary>Read-ahead: may use a third or so only (<c>ExtentPool.ReadAheadMemory</c>); the rest is for pieces that readers wait for.</summary>
    Ahead,

    /// <summary>A reader waits, or soon will.</summary>
    Urgent,

    /// <summary>Readers of this torrent have waited longest of all, and for too long.</summary>
    Overdue,
}
