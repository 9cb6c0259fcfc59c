using System.Diagnostics;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What the queries and answers of others change in a node.</summary>
/// <param name="nodeLock">The lock of the node; every method is called inside it.</param>
/// <param name="isIPv6">The address family.</param>
/// <param name="parts">The parts of the node.</param>
/// <param name="services">What both families share.</param>
/// <param name="limiter">Counts queries.</param>
internal sealed class NodeMessages(Lock nodeLock, bool isIPv6, NodeParts parts, DhtNodeServices services, QueryLimiter limiter)
{
    /// <summary>A node asks: it is answered, unless it asks too much, and may come into the table.</summary>
    /// <remarks>To come in, it must answer a ping. Until its address is proved, answers and pings together are at most 1.2 times what it sent: the first question pays for
    /// an answer, the next ones for a short answer and the ping.</remarks>
    /// <param name="query">The question.</param>
    /// <param name="from">Who seems to ask.</param>
    /// <param name="length">Bytes of the question.</param>
    /// <param name="others">Nodes of the other address family near the target; empty: not wanted.</param>
    /// <param name="work">Sends the answer.</param>
    /// <param name="now">The time.</param>
    public void Asked(in KrpcMessage query, PeerEndPoint from, int length, List<CompactNode> others, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (from.Port == 0 || query.Sender == parts.Table.Self || !limiter.TryPass(from, length, parts.Answers.IsProved(from, now), now))
        {
            services.Counters.CountBlocked();
            return;
        }

        if (!parts.Queries.HasContacted(from, now))
        {
            parts.Reachability.ReceivedUnasked();
        }

        if (parts.Answers.IsProved(in query, from, now))
        {
            PingIfPlace(in query, from, now);
            parts.Answers.Answer(in query, from, isProved: true, KrpcWriter.MaxLength, others, work, now);
            return;
        }

        if (
            limiter.HasAskedBefore(from) // else it would get no node, and may know no other
            && limiter.CreditOf(from) >= KrpcWriter.PingLength + KrpcWriter.ShortestAnswer(query.Transaction.Length)
            && PingIfPlace(in query, from, now)
        )
        {
            limiter.Spend(from, KrpcWriter.PingLength);
        }

        var maxLength = Math.Min(limiter.CreditOf(from), length * 12 / 10);
        limiter.Spend(from, parts.Answers.Answer(in query, from, isProved: false, maxLength, others, work, now));
    }

    /// <summary>A node answers: it comes into the table, and the search that asked goes on.</summary>
    /// <param name="message">The answer.</param>
    /// <param name="from">Who answers.</param>
    /// <param name="sibling">The node of the other address family; null: none.</param>
    /// <param name="work">Sends the next questions.</param>
    /// <param name="now">The time.</param>
    public void Answered(in KrpcMessage message, PeerEndPoint from, DhtNode? sibling, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (parts.Queries.TakeAnswered(message.Transaction, from, now) is not { } query)
        {
            services.Counters.CountUnasked();
            return;
        }

        parts.Health.Answered(now);
        parts.Answers.Proved(from, now);
        var isResponse = message.Kind == KrpcKind.Response;
        var isRight = isResponse && (query.Expected is not { } expected || expected == message.Sender);
        var isNew = isRight && parts.Table.Answered(message.Sender, from, now);
        if (isResponse && !isRight)
        {
            HasOtherId(new CompactNode(message.Sender, from), now);
        }

        if (isResponse && message.SeenAs is { } seenAs && seenAs.IsIPv6 == isIPv6)
        {
            Vote(services.External, seenAs, from, work);
        }

        if (!isRight)
        {
            parts.Searches.Failed(query, work, now);
        }
        else if (query is { Search: { } search, Node: { } node })
        {
            if (sibling is not null && !(isIPv6 ? message.Nodes : message.Nodes6).IsEmpty)
            {
                TellSibling(sibling, search.Lookup.Target, parts.Searches.ReadOthers(in message), from, work);
            }

            parts.Searches.Answered(search, node, in message, from, work, now);
        }

        if (isNew)
        {
            parts.Searches.Resume(new CompactNode(message.Sender, from), work, now);
        }
    }

    /// <summary>A query was not answered in time.</summary>
    public void TimedOut(uint transaction, NodeWork work, TimeSpan now)
    {
        Debug.Assert(nodeLock.IsHeldByCurrentThread);
        if (parts.Queries.TakeTimedOut(transaction) is not { } query)
        {
            return;
        }

        if (parts.Health.IsOwnNetworkWorking(now)) // else it may be our own line
        {
            parts.Table.Failed(query.To);
        }

        parts.Searches.Failed(query, work, now);
    }

    private bool PingIfPlace(in KrpcMessage query, PeerEndPoint from, TimeSpan now)
    {
        return !query.IsReadOnly
            && !parts.Reachability.IsReadOnly // who is, is not asked; and the ping would be longer
            && services.Guard.MayDial(from, null, webPorts: false)
            && parts.Checks.AddIfPlace(new CompactNode(query.Sender, from), TableChecks.MaxHeard, now);
    }

    /// <summary>A node has another id than others say: it began anew if it keeps that one, or lies.</summary>
    private void HasOtherId(CompactNode node, TimeSpan now)
    {
        parts.Table.Forget(node.EndPoint);
        services.Counters.CountWrongId();
        parts.Checks.AddIfPlace(node, TableChecks.MaxHeard, now);
    }

    // Of its own: what is captured is allocated where its method begins, for every datagram.
    private static void Vote(ExternalAddress external, PeerEndPoint seenAs, PeerEndPoint by, NodeWork work)
    {
        work.Call(() => external.Vote(seenAs.Address, by.Address));
    }

    private static void TellSibling(DhtNode sibling, NodeId target, List<CompactNode> nodes, PeerEndPoint by, NodeWork work)
    {
        work.Call(() => sibling.Named(target, nodes, by));
    }
}
