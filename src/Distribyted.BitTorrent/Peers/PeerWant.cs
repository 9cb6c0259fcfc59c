namespace Distribyted.BitTorrent.Peers;

/// <summary>What a torrent wants of its peers now.</summary>
internal enum PeerWant
{
    /// <summary>Nothing: there is no reader.</summary>
    Nothing,

    /// <summary>The info dictionary.</summary>
    Metadata,

    /// <summary>Pieces that readers are about to read.</summary>
    Pieces,
}
