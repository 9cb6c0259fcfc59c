namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Where a verified piece in memory is on its way to disk.</summary>
internal enum RamState
{
    /// <summary>In the queue of the writers.</summary>
    Waiting,

    /// <summary>Being written, or waiting for the journal.</summary>
    Writing,

    /// <summary>The disk is full: it stays in memory only until the disk takes bytes again or the memory is needed.</summary>
    RamOnly,

    /// <summary>Also on disk.</summary>
    Hot,

    /// <summary>No longer readable.</summary>
    Dropped,
}
