using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent;

/// <summary>The engine: all torrents, the listener, the piece cache. One for the process. Safe for use by many threads.</summary>
public sealed class TorrentSession : IAsyncDisposable
{
    /// <summary>TCP port that peers reach us on; 0 before the start.</summary>
    public int ListenPort => throw new InvalidOperationException();

    /// <summary>The engine right now.</summary>
    public SessionStatistics Statistics => throw new InvalidOperationException();

    /// <summary>Opens the cache and the listener. Knows no torrents yet.</summary>
    /// <exception cref="IOException">The port or the folder cannot be had; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Adds a torrent, or adds trackers and peers to one that is known. Metadata in the source is on disk when this returns.
    /// Never waits for the swarm; without metadata the search for it starts in the background and goes on for ever.</summary>
    public Task<Torrent> AddAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Adds many torrents at start, quickly: a record each, no disk access; <paramref name="known"/> ones have metadata on disk.</summary>
    public void AddKnown(IEnumerable<TorrentSource> known)
    {
        throw new InvalidOperationException();
    }

    /// <summary>The torrent of this hash, or null.</summary>
    public Torrent? Find(InfoHash hash)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Forgets a torrent: readers fail, trackers are told, metadata goes, and with <paramref name="pieces"/> its pieces too.</summary>
    public Task RemoveAsync(InfoHash hash, bool pieces, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <summary>Says goodbye to swarms and trackers (at most 3 s), flushes the cache.</summary>
    public ValueTask DisposeAsync()
    {
        throw new InvalidOperationException();
    }
}
