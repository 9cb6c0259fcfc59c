using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>The requests of a session that wait for metadata. Safe for use by many threads.</summary>
internal sealed class MetadataWaits(TorrentServices services)
{
    private readonly ConcurrentDictionary<long, MetadataWait> _waits = new();
    private long _lastId;

    /// <summary>Begins a wait; it lasts until the result is disposed.</summary>
    /// <param name="torrent">The torrent.</param>
    /// <param name="file">What was asked for.</param>
    /// <param name="client">Who asked; empty: not known.</param>
    public MetadataWait Begin(InfoHash torrent, string file, string client)
    {
        var wait = new MetadataWait(this, services, torrent, Interlocked.Decrement(ref _lastId), file, client);
        _waits[wait.Id] = wait;
        return wait;
    }

    public void End(MetadataWait wait)
    {
        _waits.TryRemove(wait.Id, out _);
    }

    /// <summary>Those for one torrent, the longest first.</summary>
    public IReadOnlyList<MetadataWait> Of(InfoHash torrent)
    {
        return _waits.IsEmpty ? [] : [.. _waits.Values.Where(wait => wait.Torrent == torrent).OrderByDescending(static wait => wait.Id)];
    }
}
