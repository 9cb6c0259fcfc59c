namespace Distribyted.BitTorrent.Torrents;

/// <summary>How a torrent is doing.</summary>
public enum TorrentState
{
    /// <summary>No metadata yet; peers are being looked for.</summary>
    Pending,

    /// <summary>It is neither read nor asked for pieces: no socket, no timer.</summary>
    Idle,

    /// <summary>Connected, or connecting.</summary>
    Active,
}
