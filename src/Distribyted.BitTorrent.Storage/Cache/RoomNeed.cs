namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>How badly a piece needs room in the cache; a larger one may take more from others.</summary>
internal enum RoomNeed
{
    /// <summary>Read-ahead: leaves a quarter to what readers wait for.</summary>
    Ahead,

    /// <summary>A reader waits, or soon will.</summary>
    Urgent,

    /// <summary>Readers of this torrent have waited longest of all, and for too long.</summary>
    Overdue,
}
