namespace Distribyted.BitTorrent.Discovery;

/// <summary>Makes a source of peers for one torrent; the source does nothing before it is started.</summary>
/// <param name="port">The torrent.</param>
public delegate IPeerSource PeerSourceFactory(ISwarmPort port);
