namespace Distribyted.BitTorrent.Peers;

/// <summary>How much a swarm needs its known peers to be dialled again.</summary>
internal enum DialNeed
{
    /// <summary>Nothing that a reader wants is missing.</summary>
    None,

    /// <summary>Blocks that a reader wants are missing, and connected peers send some: peers that have served us are worth having back at once.</summary>
    More,

    /// <summary>A reader or a pending magnet waits, and no connected peer helps.</summary>
    Any,
}
