using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>What <see cref="TorrentMetadata"/> wants from its torrent.</summary>
internal interface IMetadataOwner
{
    InfoHash InfoHash { get; }

    /// <summary>Trackers to be kept with the metadata.</summary>
    IReadOnlyList<IReadOnlyList<string>> Trackers { get; }

    /// <summary>Whether it was removed, or the session ends.</summary>
    bool HasEnded { get; }

    /// <summary>Throws when the torrent has ended; called inside the torrent's lock.</summary>
    /// <exception cref="TorrentException">It was removed, or the session ends.</exception>
    void ThrowIfEnded();

    /// <summary>The metadata was read from disk, with the trackers that are kept with it.</summary>
    void MetadataLoaded(MetainfoFile file);

    /// <summary>The metadata came from the swarm and is in memory: the swarm need not wait for the disk.</summary>
    void MetadataArrived(TorrentInfo info);

    /// <summary>The metadata is known, and is still so after a restart.</summary>
    void MetadataKept(TorrentInfo info);

    /// <summary>The metadata is gone from disk: it is to be looked for in the swarm again.</summary>
    void MetadataLost();
}
