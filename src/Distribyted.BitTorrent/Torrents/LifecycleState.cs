namespace Distribyted.BitTorrent.Torrents;

/// <summary>Where a torrent is in its life; <see cref="TorrentLifecycle"/> has the transitions.</summary>
internal enum LifecycleState : byte
{
    /// <summary>Known, and nothing more: no socket, no timer. Trackers may still be told of it, when it has pieces to give.</summary>
    Idle,

    /// <summary>Its swarm is being made: metadata is read, pieces are opened.</summary>
    Starting,

    /// <summary>It has a swarm: peers, readers, pieces.</summary>
    Active,

    /// <summary>Its swarm is being closed because it is not used.</summary>
    Stopping,

    /// <summary>The session ends. The torrent is here again with the next start.</summary>
    Closed,

    /// <summary>It was removed. Added again, it is another object.</summary>
    Removed,
}
