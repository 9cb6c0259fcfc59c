using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The nodes that we know, of one address family, in buckets by how many first bits their ids share with ours (BEP 5). Pure; not safe for use
/// by many threads.</summary>
/// <remarks>
/// A node comes in when it has answered, or from the table of an earlier run. A bucket has 8 nodes and as many spare ones, the freshest, that replace those which fail.
/// So that few machines cannot fill it, a public IPv4 address or IPv6 /64 has one node in it, an IPv4 /24 at most four, and nodes whose ids do not follow from their
/// addresses (BEP 42) give way to those whose do. On loopback and in private networks these three rules do not hold.
/// </remarks>
internal sealed class RoutingTable(NodeId self)
{
    /// <summary>k of BEP 5.</summary>
    public const int BucketSize = 8;

    /// <summary>Nodes of one IPv4 /24.</summary>
    public const int MaxPerNetwork = 4;

    private const int MaxFailures = 3; // of a node that has answered before

    private readonly Bucket[] _buckets = [.. Enumerable.Range(0, NodeId.Bits).Select(static _ => new Bucket())];
    private readonly Dictionary<PeerEndPoint, TableNode> _nodes = []; // with the spare ones
    private readonly Dictionary<PeerEndPoint, int> _perNetwork = []; // public nodes of one client or one /24, the port is 0 or 1

    public NodeId Self { get; private set; } = self;

    /// <summary>Nodes without the spare ones.</summary>
    public int Count => _buckets.Sum(static bucket => bucket.Live.Count);

    /// <summary>Nodes that answered the last question.</summary>
    public int GoodCount => _buckets.Sum(static bucket => bucket.Live.Count(static node => node.IsGood));

    /// <summary>All nodes without the spare ones.</summary>
    public IEnumerable<TableNode> Nodes => _buckets.SelectMany(static bucket => bucket.Live);

    /// <summary>A node has answered: it comes in, or is fresh again.</summary>
    /// <returns>Whether it is new, and in its bucket.</returns>
    public bool Answered(in NodeId id, PeerEndPoint endPoint, TimeSpan now)
    {
        if (_nodes.TryGetValue(endPoint, out var known))
        {
            if (known.Id == id)
            {
                known.AnsweredAt = now;
                known.Failures = 0;
                var bucket = BucketOf(id);
                bucket.ChangedAt = now;
                return bucket.Live.Count < BucketSize && bucket.Spare.Contains(known) && Promote(bucket, known);
            }

            Remove(known); // it began anew with another id, or it lies
        }

        var node = TryCreate(id, endPoint);
        if (node is null)
        {
            return false;
        }

        node.AnsweredAt = now;
        return Insert(node, now);
    }

    /// <summary>A node is not what it was.</summary>
    public void Forget(PeerEndPoint endPoint)
    {
        if (_nodes.TryGetValue(endPoint, out var node))
        {
            Remove(node);
        }
    }

    /// <summary>A node of an earlier run: used until it fails.</summary>
    public void AddSaved(CompactNode saved)
    {
        if (!_nodes.ContainsKey(saved.EndPoint) && TryCreate(saved.Id, saved.EndPoint) is { } node)
        {
            Insert(node, TimeSpan.MinValue);
        }
    }

    /// <summary>A node did not answer.</summary>
    public void Failed(PeerEndPoint endPoint)
    {
        if (!_nodes.TryGetValue(endPoint, out var node))
        {
            return;
        }

        node.Failures++;
        var bucket = BucketOf(node.Id);
        var spare = bucket.Spare.FindLast(static other => other.IsGood);
        if (node.AnsweredAt is null || node.Failures >= MaxFailures || (spare is not null && bucket.Live.Contains(node)))
        {
            Remove(node);
            if (spare is not null && spare != node && bucket.Live.Count < BucketSize)
            {
                Promote(bucket, spare);
            }
        }
    }

    /// <summary>Whether a node is known and answered the last question.</summary>
    public bool IsGood(PeerEndPoint endPoint)
    {
        return _nodes.TryGetValue(endPoint, out var node) && node.IsGood;
    }

    /// <summary>Whether a node that is only heard of would find a place if it answered.</summary>
    public bool HasPlaceFor(in NodeId id, PeerEndPoint endPoint)
    {
        return !_nodes.ContainsKey(endPoint) && BucketOf(id).Live.Count < BucketSize && TryCreate(id, endPoint) is not null;
    }

    /// <summary>The nodes nearest to a target, nearest first.</summary>
    /// <param name="target">An id or an info hash.</param>
    /// <param name="most">No more than this.</param>
    /// <param name="onlyGood">Only those that answered: others are told nothing else.</param>
    /// <param name="nearest">Takes them.</param>
    public void FindNearest(in NodeId target, int most, bool onlyGood, List<CompactNode> nearest)
    {
        foreach (var bucket in _buckets)
        {
            foreach (var node in bucket.Live)
            {
                if (onlyGood && !node.IsGood)
                {
                    continue;
                }

                var at = nearest.Count;
                while (at > 0 && NodeId.CompareDistance(node.Id, nearest[at - 1].Id, target) < 0)
                {
                    at--;
                }

                if (at < most)
                {
                    nearest.Insert(at, node.Compact);
                    if (nearest.Count > most)
                    {
                        nearest.RemoveAt(most);
                    }
                }
            }
        }
    }

    /// <summary>The nodes that have not answered for longest, oldest first.</summary>
    public IEnumerable<TableNode> FindOld(TimeSpan before, int most)
    {
        return Nodes.Where(node => (node.AnsweredAt ?? TimeSpan.MinValue) < before).OrderBy(static node => node.AnsweredAt).Take(most);
    }

    /// <summary>A bucket that could have more nodes, or did not change for long; null: none. It counts as changed from now on.</summary>
    /// <param name="before">What changed since then is left alone.</param>
    /// <param name="onlyIncomplete">Leave full buckets alone.</param>
    /// <param name="now">The time.</param>
    public int? TakeBucketToRefresh(TimeSpan before, bool onlyIncomplete, TimeSpan now)
    {
        var deepest = Array.FindLastIndex(_buckets, static bucket => bucket.Live.Count > 0);
        for (var i = 0; i <= deepest; i++)
        {
            if (
                _buckets[i].RefreshedAt < before
                && _buckets[i].ChangedAt < before
                && !(onlyIncomplete && _buckets[i].Live.Count >= BucketSize)
            )
            {
                _buckets[i].RefreshedAt = now;
                return i;
            }
        }

        return null;
    }

    /// <summary>Our id is another one: all nodes find new places.</summary>
    public void ChangeSelf(NodeId self, TimeSpan now)
    {
        var nodes = _buckets.SelectMany(static bucket => bucket.Live.Concat(bucket.Spare)).ToList();
        _nodes.Clear();
        _perNetwork.Clear();
        foreach (var bucket in _buckets)
        {
            bucket.Clear();
        }

        Self = self;
        foreach (var node in nodes.Where(node => node.Id != self))
        {
            Insert(node, now);
        }
    }

    private Bucket BucketOf(in NodeId id)
    {
        return _buckets[Math.Min(Self.SharedBits(id), NodeId.Bits - 1)];
    }

    /// <summary>Null: it is we, its id is taken, or its network has enough nodes.</summary>
    private TableNode? TryCreate(NodeId id, PeerEndPoint endPoint)
    {
        if (id == Self || BucketOf(id).Find(id) is { IsGood: true })
        {
            return null;
        }

        var isPublic = AddressGuard.ScopeOf(endPoint) == AddressScope.Global;
        if (isPublic && (CountOf(PeerClient.Of(endPoint)) > 0 || CountOf(NetworkOf(endPoint)) >= MaxPerNetwork))
        {
            return null;
        }

        return new TableNode(id, endPoint, isPublic);
    }

    private bool Insert(TableNode node, TimeSpan now)
    {
        var bucket = BucketOf(node.Id);
        if (bucket.Find(node.Id) is { } twin)
        {
            Remove(twin);
        }

        CountNetworks(node, 1);
        _nodes[node.EndPoint] = node;
        if (bucket.Live.Count < BucketSize)
        {
            bucket.ChangedAt = now;
            bucket.Live.Add(node);
            return true;
        }

        var weaker =
            bucket.Live.Find(other => other.Failures > 0 && node.AnsweredAt is not null)
            ?? (node.IsSecure && node.AnsweredAt is not null ? bucket.Live.Find(static other => !other.IsSecure) : null);
        if (weaker is null)
        {
            AddSpare(bucket, node);
            return false;
        }

        bucket.ChangedAt = now;
        bucket.Live[bucket.Live.IndexOf(weaker)] = node;
        AddSpare(bucket, weaker);
        return true;
    }

    private void AddSpare(Bucket bucket, TableNode node)
    {
        bucket.Spare.Add(node);
        if (bucket.Spare.Count > BucketSize)
        {
            Remove(bucket.Spare[0]);
        }
    }

    private static bool Promote(Bucket bucket, TableNode spare)
    {
        bucket.Spare.Remove(spare);
        bucket.Live.Add(spare);
        return true;
    }

    private void Remove(TableNode node)
    {
        var bucket = BucketOf(node.Id);
        if (!bucket.Live.Remove(node))
        {
            bucket.Spare.Remove(node);
        }

        _nodes.Remove(node.EndPoint);
        CountNetworks(node, -1);
    }

    private void CountNetworks(TableNode node, int by)
    {
        if (!node.IsPublic)
        {
            return;
        }

        foreach (var key in (ReadOnlySpan<PeerEndPoint>)[PeerClient.Of(node.EndPoint), NetworkOf(node.EndPoint)])
        {
            var count = CountOf(key) + by;
            if (count > 0)
            {
                _perNetwork[key] = count;
            }
            else
            {
                _perNetwork.Remove(key);
            }
        }
    }

    private int CountOf(PeerEndPoint key)
    {
        return _perNetwork.GetValueOrDefault(key);
    }

    /// <summary>The IPv4 /24 or IPv6 /64 of an address; with port 1, so that it is no client's key.</summary>
    private static PeerEndPoint NetworkOf(PeerEndPoint endPoint)
    {
        if (endPoint.IsIPv6)
        {
            return new PeerEndPoint(ClientAddress.Of(endPoint.Address), 1);
        }

        Span<byte> compact = stackalloc byte[6];
        endPoint.WriteCompact(compact);
        compact[3] = 0;
        return new PeerEndPoint(new System.Net.IPAddress(compact[..4]), 1);
    }

    private sealed class Bucket
    {
        public List<TableNode> Live { get; } = [];

        public List<TableNode> Spare { get; } = []; // oldest first

        public TimeSpan ChangedAt { get; set; } = TimeSpan.MinValue;

        public TimeSpan RefreshedAt { get; set; } = TimeSpan.MinValue;

        public TableNode? Find(NodeId id)
        {
            return Live.Find(node => node.Id == id) ?? Spare.Find(node => node.Id == id);
        }

        public void Clear()
        {
            Live.Clear();
            Spare.Clear();
        }
    }
}
