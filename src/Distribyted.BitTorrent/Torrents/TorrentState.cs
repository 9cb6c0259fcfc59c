namespace Distribyted.BitTorrent.Torrents;

/// <summary>How a torrent is doing.</summary>
public enum TorrentState
{
    /// <summary>No metadata yet; peers are being looked for.</summary>
    Pending,

    /// <summary>Nobody reads or asks: no socket, no timer.</summary>
    Asleep,

    /// <summary>Connected, or connecting.</summary>
    Awake,
}
