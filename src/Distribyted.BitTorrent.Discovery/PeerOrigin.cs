namespace Distribyted.BitTorrent.Discovery;

/// <summary>How a peer became known. Decides what is believed about its address (<see cref="PeerOriginRules"/>).</summary>
public enum PeerOrigin
{
    /// <summary>A tracker named it.</summary>
    Tracker,

    /// <summary>Another peer named it (BEP 11).</summary>
    PeerExchange,

    /// <summary>A node of the DHT named it (BEP 5).</summary>
    Dht,

    /// <summary>The user's magnet link named it (<c>x.pe</c>, BEP 9).</summary>
    Magnet,

    /// <summary>It announced itself in a local network of ours (BEP 14).</summary>
    LocalDiscovery,

    /// <summary>It connected to us.</summary>
    Incoming,

    /// <summary>It was a peer of this torrent in an earlier run.</summary>
    Remembered,
}
