using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>One torrent right now. Immutable.</summary>
/// <param name="InfoHash">Which.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Reason">Why it waits, as a message for users; null when it does not.</param>
/// <param name="Downloaded">Payload bytes since start.</param>
/// <param name="Uploaded">Payload bytes since start.</param>
/// <param name="Window">The last two seconds.</param>
/// <param name="Peers">Connected peers.</param>
/// <param name="Seeds">Connected peers that have everything.</param>
/// <param name="Readers">Open readers.</param>
public sealed record TorrentStatistics(
    InfoHash InfoHash,
    TorrentState State,
    string? Reason,
    long Downloaded,
    long Uploaded,
    TransferWindow Window,
    int Peers,
    int Seeds,
    int Readers
)
{
    /// <summary>Seeders that trackers count; null: none has said, or none is asked now.</summary>
    public int? CountedSeeders => SwarmSize?.Seeders;

    /// <summary>Leechers that trackers count; null: none has said, or none is asked now.</summary>
    public int? CountedLeechers => SwarmSize?.Leechers;

    /// <summary>Bytes of its pieces on disk.</summary>
    public long StoredBytes { get; init; }

    /// <summary>How many peers trackers count; null: none has said, or none is asked now.</summary>
    public SwarmSize? SwarmSize { get; init; }
}
