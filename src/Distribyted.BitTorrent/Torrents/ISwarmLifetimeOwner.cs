using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>What <see cref="SwarmLifetime"/> wants from its torrent.</summary>
internal interface ISwarmLifetimeOwner
{
    InfoHash InfoHash { get; }

    /// <summary>Whether the metadata is here, in memory or on disk.</summary>
    bool HasMetadata { get; }

    /// <summary>Makes a swarm without pieces or peers.</summary>
    Swarm CreateSwarm();

    /// <summary>Gives a swarm its metadata and pieces, when they are here.</summary>
    Task GiveMetadataAsync(Swarm swarm);

    /// <summary>The swarm is ready, and beats from now on.</summary>
    void SwarmStarted();

    /// <summary>The swarm is about to be closed: what is worth keeping of it is kept.</summary>
    Task KeepAsync(Swarm swarm);

    /// <summary>The swarm is closed.</summary>
    void SwarmStopped();
}
