using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent;

/// <summary>One torrent of the session. Asleep it is this record and nothing more. Safe for use by many threads.</summary>
public sealed class Torrent
{
    internal Torrent(InfoHash infoHash)
    {
        InfoHash = infoHash;
    }

    /// <summary>Which torrent.</summary>
    public InfoHash InfoHash { get; }

    /// <summary>Whether the metadata is here (in memory or on disk).</summary>
    public bool HasMetadata => throw new InvalidOperationException();

    /// <summary>The metadata; waits for the swarm if need be, for ever. Comes from disk when it was known before. The list of files of a
    /// sleeping torrent is not kept in memory: callers that list often keep what they need.</summary>
    /// <exception cref="TorrentException">The torrent was removed.</exception>
    public Task<TorrentInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Opens a reader over the torrent's bytes; wakes the torrent. Any number may be open, each with a position of its own.</summary>
    /// <param name="start">First byte of the file in the torrent: the reader never looks before it.</param>
    /// <param name="length">Bytes of the file: the reader never looks beyond it, except to read ahead into the next file.</param>
    /// <param name="position">Offset in the file where reading will start.</param>
    /// <param name="expected">How many bytes the client asked for at most; null when nobody knows.</param>
    /// <param name="client">Who reads, for people.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
    /// <exception cref="TorrentException">The torrent was removed, or has no metadata yet.</exception>
    public ValueTask<TorrentReader> OpenReaderAsync(
        long start,
        long length,
        long position,
        long? expected,
        string client,
        CancellationToken cancellationToken
    )
    {
        throw new InvalidOperationException();
    }

    /// <summary>How it is doing.</summary>
    public TorrentStatistics GetStatistics()
    {
        throw new InvalidOperationException();
    }

    /// <summary>What is here, run-length coded in piece order; empty without metadata.</summary>
    public IReadOnlyList<PieceRun> GetPieceRuns()
    {
        throw new InvalidOperationException();
    }
}
