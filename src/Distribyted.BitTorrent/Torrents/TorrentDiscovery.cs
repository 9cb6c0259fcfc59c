using System.Diagnostics;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>How one torrent finds peers and is found: its trackers, and its sources of peers while they run. Safe for use by many threads.</summary>
/// <param name="services">Of the session.</param>
/// <param name="port">The torrent, as sources of peers see it.</param>
/// <param name="torrentLock">Guards the trackers, and whether sources run.</param>
/// <param name="trackers">Tiers that the torrent was added with (BEP 12).</param>
internal sealed class TorrentDiscovery(
    TorrentServices services,
    ISwarmPort port,
    Lock torrentLock,
    IReadOnlyList<IReadOnlyList<string>> trackers
)
{
    private IReadOnlyList<IReadOnlyList<string>> _trackers = trackers; // replaced, never changed
    private PeerSources? _sources; // null: no source looks for peers, and none is told that we are here

    /// <summary>Tiers of trackers (BEP 12).</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers => Volatile.Read(ref _trackers);

    /// <inheritdoc cref="PeerSources.Trouble"/>
    public string? Trouble => Volatile.Read(ref _sources)?.Trouble;

    /// <inheritdoc cref="PeerSources.Size"/>
    public SwarmSize? Size => Volatile.Read(ref _sources)?.Size;

    /// <summary>Whether sources of peers run.</summary>
    public bool IsRunning => Volatile.Read(ref _sources) is not null;

    /// <summary>The sources that look for peers now, for users.</summary>
    public IReadOnlyList<PeerSourceSnapshot> Snapshot()
    {
        return [.. (Volatile.Read(ref _sources)?.All ?? []).Select(Snapshot)];
    }

    /// <summary>Starts the sources of peers; nothing when they run. Called inside the torrent's lock.</summary>
    /// <returns>Whether they were started.</returns>
    public bool Start()
    {
        Debug.Assert(torrentLock.IsHeldByCurrentThread);
        if (_sources is not null)
        {
            return false;
        }

        _sources = new PeerSources(port, services.PeerSources, services.Log);
        _sources.Start();
        return true;
    }

    /// <summary>There are further sources of peers: they are started if the others run.</summary>
    public void SourcesFound()
    {
        lock (torrentLock)
        {
            _sources?.Grow(services.PeerSources);
        }
    }

    /// <inheritdoc cref="PeerSources.WantPeers"/>
    public void WantPeers()
    {
        Volatile.Read(ref _sources)?.WantPeers();
    }

    /// <inheritdoc cref="PeerSources.Changed"/>
    public void Changed(SwarmChange change)
    {
        Volatile.Read(ref _sources)?.Changed(change);
    }

    /// <summary>Takes the trackers that are kept with the metadata, of a private torrent those only (BEP 27).</summary>
    public void Use(MetainfoFile file)
    {
        lock (torrentLock)
        {
            Join(file.Trackers, file.Info.IsPrivate);
        }
    }

    /// <summary>More trackers for a torrent that is known already.</summary>
    /// <param name="trackers">Those of the source.</param>
    /// <param name="kept">Its file with the trackers from now on; null: they are those of the source as well.</param>
    public void Add(IReadOnlyList<IReadOnlyList<string>> trackers, MetainfoFile? kept)
    {
        PeerSources? sources;
        lock (torrentLock)
        {
            Join(kept?.Trackers ?? trackers, kept?.Info.IsPrivate == true);
            sources = _sources;
        }

        sources?.Changed(SwarmChange.Trackers);
    }

    /// <summary>Stops the sources of peers; trackers are told that we are gone, as long as the token lets them.</summary>
    /// <param name="isWanted">Asked inside the torrent's lock: whether the torrent is needed again, and nothing is stopped. Null: it is not.</param>
    /// <param name="cancellationToken">Ends the telling.</param>
    public async Task StopAsync(Func<bool>? isWanted, CancellationToken cancellationToken)
    {
        PeerSources? sources;
        lock (torrentLock)
        {
            if (isWanted?.Invoke() == true)
            {
                return;
            }

            sources = _sources;
            _sources = null;
        }

        if (sources is not null)
        {
            await sources.StopAsync(cancellationToken);
        }
    }

    private static PeerSourceSnapshot Snapshot(IPeerSource source)
    {
        var kind = source.Origin switch
        {
            PeerOrigin.Tracker => "tracker",
            PeerOrigin.Dht => "dht",
            PeerOrigin.LocalDiscovery => "lsd",
            _ => "other",
        };
        return new PeerSourceSnapshot(kind, source.Trouble, [.. source.Trackers.Select(Snapshot)]);
    }

    private static TrackerSnapshot Snapshot(TrackerReport tracker)
    {
        return new TrackerSnapshot(
            tracker.Url,
            tracker.Tier,
            tracker.IsExtra,
            tracker.HasAnswered,
            tracker.Trouble,
            tracker.Size?.Seeders,
            tracker.Size?.Leechers,
            tracker.IsAsking,
            tracker.LastAsked,
            tracker.NextIn
        );
    }

    private void Join(IReadOnlyList<IReadOnlyList<string>> more, bool isPrivate)
    {
        Debug.Assert(torrentLock.IsHeldByCurrentThread);
        Volatile.Write(ref _trackers, isPrivate && more.Count > 0 ? more : TrackerUnion.Of(_trackers, more, false, true) ?? _trackers);
    }
}
