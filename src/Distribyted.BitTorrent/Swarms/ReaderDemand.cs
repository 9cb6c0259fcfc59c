using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a swarm knows of one open reader. Guarded by the swarm's lock, but for what never changes.</summary>
internal sealed class ReaderDemand(long id, long start, long length)
{
    /// <summary>Waits that are shorter are no stalls, microseconds.</summary>
    public const long FirstTold = MonotonicClock.Second;

    public ReaderId Id { get; } = new(id);

    /// <summary>First byte of the file in the torrent.</summary>
    public long Start => start;

    /// <summary>Bytes of the file.</summary>
    public long Length => length;

    /// <summary>Who reads, for users.</summary>
    public string Client { get; init; } = "";

    /// <summary>Moved by the reader's own loop; read by the swarm while it holds its lock.</summary>
    public ReaderWindow Window { get; } = new();

    /// <summary>Ends the wait of the reader; null: it does not wait.</summary>
    public TaskCompletionSource? Waiter { get; set; }

    /// <summary>The piece that it waits for; -1: none.</summary>
    public int BlockedOn { get; set; } = -1;

    /// <summary>A wait that lasts as long is told to those who watch, microseconds. Ten times as long after each time.</summary>
    public long TellAfter { get; set; } = FirstTold;

    /// <summary>When bytes of its window last came, or it last went on.</summary>
    public long ProgressAt { get; set; }

    /// <summary>Pieces of its window, both ends included.</summary>
    public (int First, int Last) Wanted { get; set; }
}
