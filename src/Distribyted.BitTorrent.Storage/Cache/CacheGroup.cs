namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What lives and dies together in the cache: one piece, or a bucket of short ones. Guarded by the cache's lock.</summary>
internal sealed class CacheGroup(CachedTorrent torrent, int number, int[] slots)
{
    public CachedTorrent Torrent { get; } = torrent;

    public int Number { get; } = number;

    /// <summary>One slot a part.</summary>
    public int[] Slots { get; set; } = slots;

    /// <summary>Pieces on disk and in the journal; a long piece is bit 0.</summary>
    public ulong Stored { get; set; }

    /// <summary>Those of them whose hash was seen to be right in this process.</summary>
    public ulong Confirmed { get; set; }

    /// <summary>Bytes of the stored pieces.</summary>
    public long Bytes { get; set; }

    /// <summary>Pieces being filled or written: the slots stay.</summary>
    public int Busy { get; set; }

    /// <summary>Reads and pinned bytes under way: the slots stay.</summary>
    public int Pins { get; set; }

    /// <summary>No longer in the index; the slots are free when the last of <see cref="Busy"/> and <see cref="Pins"/> is gone.</summary>
    public bool Dead { get; set; }

    /// <summary>Chosen as a victim, but not evicted yet.</summary>
    public bool Chosen { get; set; }

    /// <summary>Would have been evicted but for its pins.</summary>
    public bool WasMissed { get; set; }

    /// <summary>Contains the start or the end of a long file that was read: not evicted the first time (players come back to container indexes).</summary>
    public bool SecondChance { get; set; }

    /// <summary>Order of last use among all groups.</summary>
    public long Used { get; set; }

    /// <summary>When a reader first touched it in this round; 0: never.</summary>
    public long TouchedAt { get; set; }

    /// <summary>When a piece of it was last stored; 0: in an earlier run.</summary>
    public long StoredAt { get; set; }

    public GroupList? List { get; set; }

    public CacheGroup? Newer { get; set; }

    public CacheGroup? Older { get; set; }
}
