namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>What a DHT query asks (BEP 5).</summary>
public enum KrpcMethod
{
    /// <summary>Something that is not known here.</summary>
    Unknown,

    /// <summary>Whether the node is there.</summary>
    Ping,

    /// <summary>Nodes near a target.</summary>
    FindNode,

    /// <summary>Peers of a torrent, or nodes near its info hash.</summary>
    GetPeers,

    /// <summary>To remember the sender as a peer of a torrent.</summary>
    AnnouncePeer,
}
