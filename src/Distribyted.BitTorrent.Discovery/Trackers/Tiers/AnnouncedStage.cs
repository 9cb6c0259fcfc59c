namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>Which events a tracker has acknowledged (BEP 3).</summary>
internal enum AnnouncedStage
{
    /// <summary>None, or it was told <c>stopped</c>.</summary>
    None,

    /// <summary><c>started</c>; or it was sent, and the tracker may have heard it.</summary>
    Started,

    /// <summary><c>completed</c>, or a <c>started</c> of a whole torrent, which it did not see us load: once is enough.</summary>
    Completed,
}
