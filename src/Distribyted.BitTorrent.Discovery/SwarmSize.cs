namespace Distribyted.BitTorrent.Discovery;

/// <summary>How many peers a torrent has in the world, as a tracker counts them (BEP 3, 15, 48). A claim.</summary>
/// <param name="Seeders">Peers that have everything.</param>
/// <param name="Leechers">Peers that do not.</param>
public readonly record struct SwarmSize(int Seeders, int Leechers)
{
    /// <summary>The larger of two counts: trackers know parts of the same swarm, so that they cannot be added up. Null: unknown.</summary>
    public static SwarmSize? Larger(SwarmSize? one, SwarmSize? other)
    {
        return one is not { } a ? other
            : other is not { } b ? one
            : (long)a.Seeders + a.Leechers >= (long)b.Seeders + b.Leechers ? a
            : b;
    }
}
