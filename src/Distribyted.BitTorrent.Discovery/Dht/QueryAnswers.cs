using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Answers the queries of others (BEP 5). Guarded by the lock of its <see cref="DhtNode"/>.</summary>
/// <remarks>Senders can be forged: one that has not proved its address gets at most as many bytes as the caller says. It has proved it when it answered a query of ours, or
/// sent a token that it can only have received there.</remarks>
internal sealed class QueryAnswers(RoutingTable table, AnswerBudget budget, DhtCounters counters)
{
    private const int MaxValues = 100; // as libtorrent's max_peers_reply
    private static readonly TimeSpan ProvedFor = TimeSpan.FromMinutes(15);

    private static readonly List<CompactNode> NoNodes = [];

    private readonly TokenKeeper _tokens = new();
    private readonly RecentAddresses _proved = new(ProvedFor);
    private readonly List<CompactNode> _nodes = [];
    private readonly List<PeerEndPoint> _values = [];

    /// <summary>Who announced to us.</summary>
    public PeerStore Peers { get; } = new();

    /// <summary>A node has answered a query of ours: it is where it says.</summary>
    public void Proved(PeerEndPoint endPoint, TimeSpan now)
    {
        _proved.Add(endPoint, now);
    }

    /// <summary>Whether it is known that a node is where it says.</summary>
    public bool IsProved(PeerEndPoint endPoint, TimeSpan now)
    {
        return _proved.Contains(endPoint, now);
    }

    /// <summary>Whether the sender of a query is where it says; its token may prove that.</summary>
    public bool IsProved(in KrpcMessage query, PeerEndPoint from, TimeSpan now)
    {
        if (query.Method == KrpcMethod.AnnouncePeer && _tokens.IsValid(query.Token, from, query.Target, now))
        {
            _proved.Add(from, now);
        }

        return IsProved(from, now);
    }

    /// <summary>Answers, unless the bandwidth for answers is used up or the answer would be too long.</summary>
    /// <param name="query">The question.</param>
    /// <param name="from">Who seems to ask.</param>
    /// <param name="isProved">Whether it is known that it is there.</param>
    /// <param name="maxLength">Most bytes of the answer.</param>
    /// <param name="others">Nodes of the other address family near the target; empty: not wanted.</param>
    /// <param name="work">Sends it.</param>
    /// <param name="now">The time.</param>
    /// <returns>Bytes of the answer; 0: there is none.</returns>
    public int Answer(
        in KrpcMessage query,
        PeerEndPoint from,
        bool isProved,
        int maxLength,
        List<CompactNode> others,
        NodeWork work,
        TimeSpan now
    )
    {
        var isWritten =
            budget.MayAnswer(isProved, now)
            && query.Method switch
            {
                KrpcMethod.Unknown => WriteError(query.Transaction, 204, "Method Unknown"u8, work),
                KrpcMethod.AnnouncePeer => WriteAnnounced(in query, from, maxLength, work, now),
                _ => WriteFound(in query, from, isProved ? others : NoNodes, maxLength, work, now),
            };
        var length = work.Written;
        if (isWritten && length <= maxLength && budget.TryTake(length, isProved, now))
        {
            work.Send(from);
            return length;
        }

        counters.CountOverBudget();
        work.Drop();
        return 0;
    }

    private static bool WriteError(ReadOnlySpan<byte> transaction, int code, ReadOnlySpan<byte> message, NodeWork work)
    {
        work.Writer.WriteError(transaction, code, message);
        return true;
    }

    private bool WriteAnnounced(in KrpcMessage query, PeerEndPoint from, int maxLength, NodeWork work, TimeSpan now)
    {
        if (!_tokens.IsValid(query.Token, from, query.Target, now))
        {
            counters.CountWrongToken();
            return WriteError(query.Transaction, 203, "Bad Token"u8, work);
        }

        var port = query.ImpliedPort ? from.Port : query.Port;
        if (port == 0)
        {
            return WriteError(query.Transaction, 203, "Bad Port"u8, work);
        }

        Peers.Add(query.Target, new PeerEndPoint(from.Address, port), now);
        return work.Writer.TryWriteAnswer(
            new KrpcAnswer
            {
                Transaction = query.Transaction,
                Self = table.Self,
                Asker = from,
                Values = [],
                Nodes = [],
                Nodes6 = [],
            },
            maxLength
        );
    }

    private bool WriteFound(in KrpcMessage query, PeerEndPoint from, List<CompactNode> others, int maxLength, NodeWork work, TimeSpan now)
    {
        Span<byte> token = stackalloc byte[TokenKeeper.Length];
        _nodes.Clear();
        _values.Clear();
        var wantsNone = !query.WantsIPv4 && !query.WantsIPv6;
        if (query.Method != KrpcMethod.Ping && (wantsNone || (from.IsIPv6 ? query.WantsIPv6 : query.WantsIPv4)))
        {
            table.FindNearest(query.Target, RoutingTable.BucketSize, onlyGood: true, _nodes);
        }

        if (query.Method == KrpcMethod.GetPeers)
        {
            Peers.Find(query.Target, MaxValues, now, _values);
            _tokens.Make(from, query.Target, token, now);
        }

        if (AddressGuard.ScopeOf(from) == AddressScope.Global)
        {
            _nodes.RemoveAll(static node => IsOurNetwork(node.EndPoint)); // no node on the internet can use them, nor should know them
            _values.RemoveAll(IsOurNetwork);
        }

        return work.Writer.TryWriteAnswer(
            new KrpcAnswer
            {
                Transaction = query.Transaction,
                Self = table.Self,
                Asker = from,
                Token = query.Method == KrpcMethod.GetPeers ? token : [],
                Values = _values,
                Nodes = from.IsIPv6 ? others : _nodes,
                Nodes6 = from.IsIPv6 ? _nodes : others,
            },
            maxLength
        );
    }

    private static bool IsOurNetwork(PeerEndPoint endPoint)
    {
        return AddressGuard.ScopeOf(endPoint) != AddressScope.Global;
    }
}
