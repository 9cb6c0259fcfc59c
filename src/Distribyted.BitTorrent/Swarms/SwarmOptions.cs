namespace Distribyted.BitTorrent.Swarms;

/// <summary>What can be set about swarms: reading, connections, rates, seeding. Read once at start; sizes are bytes.</summary>
public sealed record SwarmOptions
{
    /// <summary>Longest read-ahead of one reader, bytes; 0: only the piece that is asked for.</summary>
    public long ReadAhead { get; set; } = 64L << 20;

    /// <summary>How long a read goes without a byte of what it wants, or soon will, before it fails; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>No peer exchange (BEP 11).</summary>
    public bool DisablePex { get; set; }

    /// <summary>No content from web servers (BEP 19).</summary>
    public bool DisableWebSeeds { get; set; }

    /// <summary>Connected peers in all, 2 to 65535. When all are taken, a torrent that needs peers takes places of those that need them less.</summary>
    public int MaxConnections { get; set; } = 500;

    /// <summary>Connected peers per torrent, 1 to 1000; 60 % more while a reader has waited 2 s, a few without readers.</summary>
    public int MaxConnectionsPerTorrent { get; set; } = 60;

    /// <summary>Dials under way, 1 to 1000. A quarter is kept for blocked readers; torrents without readers have half at most.</summary>
    public int MaxHalfOpen { get; set; } = 64;

    /// <summary>Connections per remote address (IPv6: per /64) and torrent, 0: no limit. More while a reader starves. Loopback is never limited.</summary>
    public int MaxConnectionsPerIp { get; set; } = 3;

    /// <summary>Bytes per second from peers, 0: no limit. What a blocked reader needs may exceed it by 20 % for a moment.</summary>
    public long DownloadRateLimit { get; set; }

    /// <summary>Bytes per second to peers, 0: no limit.</summary>
    public long UploadRateLimit { get; set; }

    /// <summary>Unchoked peers per torrent, one optimistic more; 0: one for each 16 KiB/s of the upload limit, without a limit 8, and more while each gets 32 KiB/s.</summary>
    public int UploadSlots { get; set; }

    /// <summary>How many events of each active torrent's scheduler are kept for <see cref="Torrents.Torrent.GetTrace"/>, 48 bytes each; 0: none.</summary>
    public int TraceEvents { get; set; }

    /// <summary>Upload what is held. False: only as tit-for-tat while reading needs it; shared folders seed always.</summary>
    public bool Seed { get; set; } = true;
}
