using System.Net;

namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>What a tracker answered (BEP 3, 7, 15, 23, 24, 31). Claims, all of them.</summary>
public sealed record AnnounceResponse
{
    /// <summary>Most peers that are taken from one answer.</summary>
    public const int MaxPeers = 500;

    /// <summary>Longest time that a tracker may make us wait; longer ones become this, but for "never".</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromDays(7);

    /// <summary>Peers with a port, addresses only; at most <see cref="MaxPeers"/>.</summary>
    public IReadOnlyList<PeerEndPoint> Peers { get; init; } = [];

    /// <summary>Time until the next regular announce; null: it did not say.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Time in which no other announce is wanted at all; null: it did not say.</summary>
    public TimeSpan? MinInterval { get; init; }

    /// <summary>Peers that have everything; null: it did not say.</summary>
    public int? Seeders { get; init; }

    /// <summary>Peers that do not; null: it did not say.</summary>
    public int? Leechers { get; init; }

    /// <summary>Why it refused, in the tracker's words; null: it did not refuse.</summary>
    public string? Failure { get; init; }

    /// <summary>What it complains of although it answered; null: nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>To be sent back to this tracker with the next announce; null: nothing.</summary>
    public string? TrackerId { get; init; }

    /// <summary>After a failure, when to try again; <see cref="TimeSpan.MaxValue"/>: never (BEP 31). Null: it did not say.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>Our address as the tracker sees it (BEP 24); null: it did not say.</summary>
    public IPAddress? ExternalAddress { get; init; }
}
