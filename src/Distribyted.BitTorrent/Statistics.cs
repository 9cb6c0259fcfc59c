using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent;

/// <summary>Bytes of the last complete two seconds: every caller sees the same, and bytes / length is a rate.</summary>
/// <param name="Downloaded">Payload bytes from peers.</param>
/// <param name="Uploaded">Payload bytes to peers.</param>
/// <param name="Length">How long the window really was.</param>
public readonly record struct TransferWindow(long Downloaded, long Uploaded, TimeSpan Length);

/// <summary>The engine right now. Immutable.</summary>
/// <param name="CacheItems">Pieces in the cache.</param>
/// <param name="CacheFilled">Bytes of them.</param>
/// <param name="CacheCapacity">Bytes that fit; -1: no limit.</param>
/// <param name="Downloaded">Payload bytes since start.</param>
/// <param name="Uploaded">Payload bytes since start.</param>
/// <param name="Window">The last two seconds.</param>
/// <param name="Connections">Connected peers.</param>
public sealed record SessionStatistics(
    long CacheItems,
    long CacheFilled,
    long CacheCapacity,
    long Downloaded,
    long Uploaded,
    TransferWindow Window,
    int Connections
);

/// <summary>State of a piece as the API shows it.</summary>
public enum PieceStatus
{
    /// <summary>Not here.</summary>
    Waiting,

    /// <summary>Some blocks are here.</summary>
    Partial,

    /// <summary>Being hashed.</summary>
    Checking,

    /// <summary>On disk and verified.</summary>
    Complete,
}

/// <summary>Neighbouring pieces of one status.</summary>
public readonly record struct PieceRun(PieceStatus Status, int Count);

/// <summary>How a torrent is doing.</summary>
public enum TorrentState
{
    /// <summary>No metadata yet; peers are being looked for.</summary>
    Pending,

    /// <summary>Nobody reads or asks: no socket, no timer.</summary>
    Asleep,

    /// <summary>Connected, or connecting.</summary>
    Awake,
}

/// <summary>One torrent right now. Immutable.</summary>
/// <param name="InfoHash">Which.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Reason">Why it waits, in words for people; null when it does not.</param>
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
);
