using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Finds the nodes nearest to a target by asking ever nearer ones (BEP 5, Kademlia). Pure: says whom to ask next and is told what came of it.
/// Not safe for use by many threads.</summary>
/// <remarks>At most <see cref="MaxInFlight"/> nodes are asked at once. One that is late no longer counts as asked, so silent nodes delay a lookup by one short
/// timeout for each group of them and not for each one. It is done when the 8 nearest of those that answer have answered.</remarks>
internal sealed class Lookup(NodeId target)
{
    /// <summary>Nodes that are asked at once; alpha of Kademlia, and what libtorrent calls the search branching.</summary>
    public const int MaxInFlight = 5;

    /// <summary>How many of the nearest nodes must have answered.</summary>
    public const int Wanted = 8;

    private const int MaxNodes = 96; // kept; the nearest
    private const int MaxAsked = 160; // then it ends: a node makes others up

    private readonly List<LookupNode> _nodes = []; // by distance
    private readonly List<LookupNode> _hosts = []; // without an id
    private readonly HashSet<PeerEndPoint> _known = []; // end points; of public ones the client as well
    private int _inFlight;
    private int _asked;

    public NodeId Target { get; } = target;

    /// <summary>How many nodes have answered.</summary>
    public int Answers { get; private set; }

    /// <summary>Whether no node is left to ask, and no answer that matters is expected: of the nearest nodes none is late.</summary>
    public bool IsDone => _inFlight == 0 && Find() is null && !IsLateOneNear();

    /// <summary>Adds a node that another node named. Of a public address only the first one counts.</summary>
    public void Add(CompactNode node)
    {
        if (!IsNew(node.EndPoint))
        {
            return;
        }

        var at = _nodes.Count;
        while (at > 0 && NodeId.CompareDistance(node.Id, _nodes[at - 1].Id!.Value, Target) < 0)
        {
            at--;
        }

        if (at < MaxNodes)
        {
            _nodes.Insert(at, new LookupNode(node.Id, node.EndPoint));
            if (_nodes.Count > MaxNodes && _nodes[^1].State is not LookupNodeState.Asked)
            {
                _nodes.RemoveAt(_nodes.Count - 1);
            }
        }
    }

    /// <summary>Adds a node that has just answered something else: it is asked also when it failed before, as one that has another id now.</summary>
    public void AddAwake(CompactNode node)
    {
        if (_nodes.RemoveAll(other => other.EndPoint == node.EndPoint && other.State == LookupNodeState.Failed) > 0)
        {
            _known.Remove(node.EndPoint);
            _known.Remove(PeerClient.Of(node.EndPoint));
        }

        Add(node);
    }

    /// <summary>Adds a node of which only the address is known: it is asked whoever else is, and again when it did not answer before.</summary>
    public void AddHost(PeerEndPoint endPoint)
    {
        if (_hosts.Find(host => host.EndPoint == endPoint) is { State: LookupNodeState.Failed } failed)
        {
            failed.State = LookupNodeState.New;
        }

        if (_hosts.Count < MaxNodes && IsNew(endPoint))
        {
            _hosts.Add(new LookupNode(null, endPoint));
        }
    }

    /// <summary>Whom to ask now; null: none at the moment. It counts as asked.</summary>
    public LookupNode? Next()
    {
        if (Find() is not { } next)
        {
            return null;
        }

        next.State = LookupNodeState.Asked;
        _inFlight++;
        _asked++;
        return next;
    }

    /// <summary>The answer of a node is late.</summary>
    public void Late(LookupNode node)
    {
        Leave(node, LookupNodeState.Slow);
    }

    /// <summary>A node has answered; what it named is added by the caller.</summary>
    public void Answered(LookupNode node, ReadOnlySpan<byte> token)
    {
        Leave(node, LookupNodeState.Answered);
        node.Token = token.IsEmpty ? null : token.ToArray();
        Answers++;
    }

    /// <summary>A node did not answer, or not rightly.</summary>
    public void Failed(LookupNode node)
    {
        Leave(node, LookupNodeState.Failed);
    }

    /// <summary>The nearest nodes that have answered with a token.</summary>
    public IEnumerable<LookupNode> FindNearestWithToken()
    {
        return _nodes.Concat(_hosts).Where(static node => node.Token is not null).Take(Wanted);
    }

    private LookupNode? Find()
    {
        if (_asked >= MaxAsked)
        {
            return null;
        }

        if (_hosts.Find(static host => host.State == LookupNodeState.New) is { } host)
        {
            return host;
        }

        if (_inFlight >= MaxInFlight)
        {
            return null;
        }

        var alive = 0;
        foreach (var node in _nodes)
        {
            if (node.State == LookupNodeState.New)
            {
                return node;
            }

            alive += node.State is LookupNodeState.Asked or LookupNodeState.Answered ? 1 : 0;
            if (alive == Wanted)
            {
                break;
            }
        }

        return null;
    }

    private bool IsLateOneNear()
    {
        return _asked < MaxAsked
            && (
                _nodes.Where(static node => node.State != LookupNodeState.Failed).Take(Wanted).Any(IsLate)
                || (Answers == 0 && (_nodes.Exists(IsLate) || _hosts.Exists(IsLate)))
            );

        static bool IsLate(LookupNode node)
        {
            return node.State == LookupNodeState.Slow;
        }
    }

    private void Leave(LookupNode node, LookupNodeState state)
    {
        _inFlight -= node.State == LookupNodeState.Asked ? 1 : 0;
        node.State = state;
    }

    private bool IsNew(PeerEndPoint endPoint)
    {
        return _known.Count < 2048
            && _known.Add(endPoint)
            && (AddressGuard.ScopeOf(endPoint) != AddressScope.Global || _known.Add(PeerClient.Of(endPoint)));
    }
}
