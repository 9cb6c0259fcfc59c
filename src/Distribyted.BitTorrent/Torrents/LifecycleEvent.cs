namespace Distribyted.BitTorrent.Torrents;

/// <summary>What happens to a torrent.</summary>
internal enum LifecycleEvent : byte
{
    /// <summary>Its swarm is needed: a reader, a search for metadata, a peer that wants pieces.</summary>
    Activate,

    /// <summary>The swarm is ready.</summary>
    Started,

    /// <summary>The swarm could not be made.</summary>
    StartFailed,

    /// <summary>It was not used for a while.</summary>
    Deactivate,

    /// <summary>The swarm is closed, and its pieces with it.</summary>
    Stopped,

    /// <summary>The session ends.</summary>
    Close,

    /// <summary>It is removed from the session.</summary>
    Remove,
}
