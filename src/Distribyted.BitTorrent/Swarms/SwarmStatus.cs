using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>How a swarm is doing. Called without the lock; safe for use by many threads.</summary>
internal sealed class SwarmStatus(
    SwarmState state,
    PeerTable peers,
    ReaderTable readers,
    SwarmDemand demand,
    OpenPieces open,
    BestPeers best,
    MetadataExtension metadata
)
{
    private const long ServesFor = 60 * MonotonicClock.Second;

    /// <summary>How many more peers than it has the torrent wants.</summary>
    public int WantedPeers
    {
        get
        {
            using var section = state.Lock.Enter();
            return state.HasEnded || !state.IsLooking ? 0 : Math.Max(0, demand.WantedConnections(section.Now) - peers.Count);
        }
    }

    /// <summary>Bytes of pieces that are not stored; 0 while that is not known.</summary>
    public long MissingBytes
    {
        get
        {
            using var section = state.Lock.Enter();
            return state.Content?.MissingBytes ?? 0;
        }
    }

    /// <summary>Connected peers and how many of them have everything.</summary>
    public (int Peers, int Seeds) Connections
    {
        get
        {
            using var section = state.Lock.Enter();
            return (peers.Count, peers.Seeds);
        }
    }

    /// <summary>What peers sent instead of the metadata, for users; null: nothing.</summary>
    public string? WrongMetadata
    {
        get
        {
            using var section = state.Lock.Enter();
            return metadata.Wrong?.Message;
        }
    }

    /// <summary>Peers for the next start.</summary>
    public IReadOnlyList<PeerEndPoint> BestPeers
    {
        get
        {
            using var section = state.Lock.Enter();
            return best.Find();
        }
    }

    /// <summary>What is here, for the API; empty while the metadata is not known.</summary>
    public IReadOnlyList<PieceRun> GetPieceRuns()
    {
        using var section = state.Lock.Enter();
        return state.Content is { } content ? PieceRuns.Of(content.Layout.PieceCount, p => StatusOf(p, content.Pieces)) : [];
    }

    /// <summary>Where each piece is; empty while the metadata is not known.</summary>
    public IReadOnlyList<PieceMapRun> GetPieceMap()
    {
        using var section = state.Lock.Enter();
        return state.Content is { } content ? PieceRuns.MapOf(content.Layout.PieceCount, p => MapStateOf(p, content)) : [];
    }

    /// <summary>Every connected peer.</summary>
    public IReadOnlyList<PeerSnapshot> GetPeers()
    {
        using var section = state.Lock.Enter();
        var now = section.Now;
        return [.. peers.All.Select(peer => Snapshot(peer, now))];
    }

    /// <summary>The scheduler's last events as a table; null: they are not kept.</summary>
    public string? GetTrace()
    {
        using var section = state.Lock.Enter();
        return state.Content?.Scheduler.Trace is { } trace ? TraceText.Of(trace.ToArray(), peers.All) : null;
    }

    /// <summary>Whether it was unused for long enough. What a peer activated is idle again after a minute without a request.</summary>
    /// <param name="now">The time.</param>
    /// <param name="after">How long, microseconds; 0: it stays active.</param>
    public bool IsIdle(long now, long after)
    {
        using var section = state.Lock.Enter();
        if (readers.Count > 0)
        {
            return false;
        }

        var unused = now - state.LastUsedAt;
        return state.IsLooking
            ? after > 0 && unused > after && !peers.All.Exists(static p => p is { IsInterested: true, AmChoking: false })
            : unused > ServesFor;
    }

    private PeerSnapshot Snapshot(Peer peer, long now)
    {
        var scheduler = state.Content?.Scheduler;
        return new PeerSnapshot(
            peer.Remote.ToString(),
            peer.Extensions?.Client ?? peer.Id.ToString(),
            peer.IsServer ? PeerTransport.Http
                : peer.IsOverUtp ? PeerTransport.Utp
                : PeerTransport.Tcp,
            peer.IsEncrypted,
            peer is { IsOutgoing: false, IsServer: false },
            peer.IsServer ? "webseed" : SourceOf(peer.Origin),
            peer.IsSeed,
            peer.Have?.Count ?? 0,
            peer.IsChoking,
            peer.IsInterested,
            peer.AmChoking,
            peer.AmInterested,
            scheduler?.IsStalled(peer.Slot) ?? false,
            scheduler?.OutstandingOf(peer.Slot) ?? 0,
            peer.Downloaded,
            peer.Uploaded,
            peer.Rates.Download,
            peer.Rates.Upload,
            TimeSpan.FromMicroseconds(now - peer.ConnectedAt)
        );
    }

    private static string SourceOf(PeerOrigin origin)
    {
        return origin switch
        {
            PeerOrigin.Tracker => "tracker",
            PeerOrigin.PeerExchange => "pex",
            PeerOrigin.Dht => "dht",
            PeerOrigin.Magnet => "magnet",
            PeerOrigin.LocalDiscovery => "lsd",
            PeerOrigin.Remembered => "remembered",
            _ => "incoming",
        };
    }

    private PieceMapState MapStateOf(int piece, SwarmContent content)
    {
        return content.Pieces.IsStored(piece) ? PieceMapState.Have
            : content.Pieces.Has(piece) ? PieceMapState.InMemory
            : open.Contains(piece) ? PieceMapState.InFlight
            : content.Scheduler.IsWanted(piece) ? PieceMapState.Wanted
            : PieceMapState.Absent;
    }

    private PieceStatus StatusOf(int piece, ITorrentPieces pieces)
    {
        return pieces.IsStored(piece) ? PieceStatus.Complete
            : pieces.Has(piece) ? PieceStatus.Checking
            : open.Contains(piece) ? PieceStatus.Partial
            : PieceStatus.Waiting;
    }
}
