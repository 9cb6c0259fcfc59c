namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>The numbers of µTP. Times are microseconds, sizes bytes. Where no reason is given they are libtorrent's, whose peers are most of the swarm.</summary>
internal static class UtpLimits
{
    public const long Millisecond = 1_000;
    public const long Second = 1_000_000;

    /// <summary>Delay that a queue on the way may have because of us (RFC 6817: at most 100 ms).</summary>
    public const long TargetDelay = 100 * Millisecond;

    /// <summary>The window grows by at most so much per round trip.</summary>
    public const int GainPerRoundTrip = 3000;

    /// <summary>What is left of the window after a loss, percent.</summary>
    public const int LossMultiplier = 50;

    public const long LeastTimeout = 500 * Millisecond;
    public const long MostTimeout = 60 * Second;

    /// <summary>A SYN is repeated after this, and then after twice as long: as TCP does it (RFC 6298).</summary>
    public const long SynTimeout = Second;

    /// <summary>A peer that does not answer a SYN for so long is not reached.</summary>
    public const long ConnectTime = 3 * Second;

    /// <summary>Timeouts in a row after which the connection has ended: 0.5 + 1 + 2 + 4 + 8 + 16 s.</summary>
    public const int MostTimeouts = 6;

    /// <summary>A peer that acknowledges nothing for so long, although it may say that its window is 0, keeps our memory for nothing.</summary>
    public const long MostWithoutProgress = 60 * Second;

    /// <summary>What was sent before the end may take so long to be acknowledged.</summary>
    public const long LingerTime = 15 * Second;

    /// <summary>NATs forget a mapping of UDP after 30 s at the earliest (RFC 4787 asks for 120).</summary>
    public const long KeepAlive = 29 * Second;

    /// <summary>A pause after the system had no room for a datagram.</summary>
    public const long FullPause = 10 * Millisecond;

    /// <summary>Bytes that wait for the reader, arrived behind a gap, or are on their way: 10 MB/s at 100 ms.</summary>
    public const int ReceiveBuffer = 1 << 20;

    /// <summary>Bytes that were sent and not acknowledged, or wait to be sent.</summary>
    public const int SendBuffer = 1 << 20;

    /// <summary>Packets behind the first gap that are kept, and the farthest that a sequence number may be from what is expected.</summary>
    public const int ReorderWindow = 1024;

    /// <summary>Packets that were sent and not acknowledged: libtorrent drops what is 512 behind a gap.</summary>
    public const int MostInFlight = 500;

    /// <summary>Packets that arrived behind a missing one before it counts as lost (RFC 5681, section 3.2).</summary>
    public const int DuplicateThreshold = 3;

    /// <summary>Packets that are sent before anything is known of the path (RFC 6928).</summary>
    public const int FirstWindow = 10;

    /// <summary>The window is never smaller than so many packets (RFC 6817, MIN_CWND).</summary>
    public const int LeastWindow = 2;
}
