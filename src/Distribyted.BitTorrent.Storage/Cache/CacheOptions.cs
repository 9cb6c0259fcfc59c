namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Where the piece cache is and how much of disk and memory it may use. Read once at start; sizes are bytes.</summary>
public sealed record CacheOptions
{
    /// <summary>Folder of the piece cache; empty: <c>pieces</c> in the metadata folder of the engine.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Bytes that content may take on disk in all, 64 MiB and up; -1: no limit, but 1 GiB or 5 % of the disk stays free.</summary>
    public long Size { get; set; } = 2048L << 20; // the default of distribyted's first implementation: configurations rely on it

    /// <summary>Bytes of RAM for blocks in flight and pieces not yet written. A piece is opened only when its memory is reserved.</summary>
    public long PieceMemory { get; set; } = 128L << 20;

    /// <summary>Bytes of RAM for verified pieces just read; 0: none, they are in the system's file cache.</summary>
    public long HotCache { get; set; }

    /// <summary>Bytes that stay protected from eviction behind a reader.</summary>
    public long ReadBehind { get; set; } = 16L << 20;

    /// <summary>Smallest <see cref="Size"/> whose slots are pinned by sockets.</summary>
    /// <remarks>A client that pauses may hold 4 MiB of its socket's buffer and more: a small cache could end up with nothing but those.</remarks>
    internal long PinSlotsFrom { get; init; } = 1L << 30;
}
