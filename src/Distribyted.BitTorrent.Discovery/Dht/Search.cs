using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>One lookup in one address family, and whom its results are for. Guarded by the lock of its <see cref="DhtNode"/>.</summary>
internal sealed class Search(NodeId target, KrpcMethod method, TimeSpan startedAt)
{
    private const int MaxPeers = 2000; // handed over by one lookup

    private readonly HashSet<PeerEndPoint> _found = [];

    public Lookup Lookup { get; } = new(target);

    /// <summary><see cref="KrpcMethod.GetPeers"/> or <see cref="KrpcMethod.FindNode"/>.</summary>
    public KrpcMethod Method { get; } = method;

    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>Takes peers as soon as a node names them, and the node; called without a lock.</summary>
    public Action<IReadOnlyList<PeerEndPoint>, PeerEndPoint>? Found { get; init; }

    /// <summary>Called once at the end, with how many nodes have answered; without a lock.</summary>
    public Action<int>? Ended { get; init; }

    /// <summary>Called once at the end, inside the lock; not when it is cancelled.</summary>
    public Action<Search, NodeWork, TimeSpan>? Completed { get; init; }

    /// <summary>The TCP port that the nearest nodes are told at the end; 0: none.</summary>
    public int AnnouncePort { get; init; }

    /// <summary>They are not told before this.</summary>
    public TimeSpan AnnounceAt { get; init; }

    /// <summary>Nothing is handed over any more.</summary>
    public bool IsCancelled { get; set; }

    public bool HasEnded { get; set; }

    /// <summary>Those that no other node has named before.</summary>
    public List<PeerEndPoint> New(List<PeerEndPoint> peers)
    {
        return [.. peers.Where(peer => _found.Count < MaxPeers && _found.Add(peer))];
    }
}
