namespace Distribyted.BitTorrent.Swarms;

/// <summary>Why a torrent does not give what was asked.</summary>
public enum TorrentFailure
{
    /// <summary>No peer sent the metadata in time (BEP 9).</summary>
    MetadataTimeout,

    /// <summary>No verified byte came for the time that was set.</summary>
    ReadTimeout,

    /// <summary>The cache is smaller than one piece of this torrent.</summary>
    NoSpace,

    /// <summary>The torrent was removed.</summary>
    Removed,

    /// <summary>The session ends; the torrent stays and is here again with the next start.</summary>
    Closing,

    /// <summary>A torrent or magnet that cannot be used.</summary>
    InvalidTorrent,
}
