namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What a <see cref="DhtNode"/> wants from the session. Called without its lock; no member waits.</summary>
internal interface IDhtNodeOwner
{
    /// <summary>It knows too few nodes: <see cref="DhtNode.Bootstrap"/> is to be called with the addresses of the bootstrap hosts.</summary>
    void BootstrapWanted(DhtNode node);

    /// <summary>The table has changed for long enough to be saved.</summary>
    void SaveWanted();
}
