using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Testing;

/// <summary>Writes the true bytes of the torrent from an offset on.</summary>
internal delegate void TrueBytes(Span<byte> destination, long offset);

/// <summary>A peer to be.</summary>
internal sealed record FaultyPeerOptions
{
    /// <summary>Which torrent it serves.</summary>
    public required InfoHash InfoHash { get; init; }

    /// <summary>Its pieces.</summary>
    public required PieceLayout Layout { get; init; }

    /// <summary>Its bytes.</summary>
    public required TrueBytes Content { get; init; }

    /// <summary>What it does wrong.</summary>
    public PeerHabit Habit { get; init; } = PeerHabit.Honest;

    /// <summary>Where it listens and dials from; each habit on an address of its own, so that a ban hits one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Where it listens; 0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Ports that it says it listens on when it has dialled, each in a handshake of BEP 10; 0: the one where it does.</summary>
    public IReadOnlyList<int> NamesPorts { get; init; } = [];

    /// <summary>Blocks before the habit shows (Stalls, DropsAfter).</summary>
    public int After { get; init; }

    /// <summary>1: each block is wrong, 2: every second (WrongBytes).</summary>
    public int Every { get; init; } = 1;

    /// <summary>How fast it sends; 0: as fast as it can.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The clock of <see cref="BytesPerSecond"/> and <see cref="Delay"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Called after each <see cref="ChunkLength"/> bytes of a block, before the next ones go out; null: blocks are sent whole.</summary>
    public Func<CancellationToken, Task>? BetweenChunks { get; init; }

    /// <summary>Bytes of a block that are sent at once when <see cref="BetweenChunks"/> is set.</summary>
    public int ChunkLength { get; init; } = 600;

    /// <summary>Pieces in the order in which it offers them, the next one after the last was told to be had (SuperSeeds).</summary>
    public IReadOnlyList<int> Offers { get; init; } = [];

    /// <summary>Wait before each block, as a long line would make it.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The info dictionary, served by BEP 9; empty: it has none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Whether it says how long the info dictionary is (BEP 9).</summary>
    public bool SaysMetadataSize { get; init; } = true;

    /// <summary>Whether it says that it has metadata only in a second handshake (BEP 10).</summary>
    public bool SaysMetadataLater { get; init; }

    /// <summary>Whether the spare bits at the end of its bitfield are set.</summary>
    public bool SetsSpareBits { get; init; }

    /// <summary>Which pieces it has; null: all.</summary>
    public Func<int, bool>? Has { get; init; }

    /// <summary>Whether it speaks BEP 6.</summary>
    public bool Fast { get; init; } = true;

    /// <summary>Whether it speaks BEP 10.</summary>
    public bool Extensions { get; init; } = true;
}
