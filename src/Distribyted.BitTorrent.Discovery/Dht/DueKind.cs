namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What a node does at a later time.</summary>
internal enum DueKind
{
    /// <summary>A question of a search is not answered yet: another node may be asked.</summary>
    Late,

    /// <summary>A question counts as not answered.</summary>
    Timeout,

    /// <summary>Nodes are pinged that may come into the table.</summary>
    Checks,

    /// <summary>The nearest nodes of a search are told our port.</summary>
    Announce,

    /// <summary>A search that no node has answered ends.</summary>
    Parked,

    /// <summary>The bootstrap hosts are asked if there are too few nodes.</summary>
    Bootstrap,

    /// <summary>If no node has answered since the start, that is logged.</summary>
    Silence,

    /// <summary>The table is looked after.</summary>
    Maintain,
}
