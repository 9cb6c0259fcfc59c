using System.Buffers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>A node that answers, or does not, as the test says, and writes down what it is asked.</summary>
internal sealed class ScriptedNode
{
    private readonly MemoryPort _port;
    private uint _transaction = 1;

    public ScriptedNode(MemoryNetwork network, PeerEndPoint endPoint, NodeId id)
    {
        (EndPoint, Id) = (endPoint, id);
        _port = network.Open(endPoint);
        _port.Register(Receive);
    }

    public PeerEndPoint EndPoint { get; }

    public NodeId Id { get; set; }

    public CompactNode Compact => new(Id, EndPoint);

    public bool IsSilent { get; set; }

    public List<CompactNode> Nodes { get; } = [];

    public Dictionary<NodeId, List<PeerEndPoint>> Peers { get; } = [];

    /// <summary>Has another id in each answer.</summary>
    public bool ChangesId { get; set; }

    /// <summary>As which address it sees whoever asks; null: as what it is.</summary>
    public PeerEndPoint? SeesAs { get; set; }

    public List<(KrpcMethod Method, NodeId Target, PeerEndPoint From, int Port, bool IsReadOnly)> Queries { get; } = [];

    /// <summary>What it was answered, of any kind.</summary>
    public List<byte[]> Answers { get; } = [];

    public int CountOf(KrpcMethod method, NodeId? target = null)
    {
        return Queries.Count(query => query.Method == method && (target is null || query.Target == target));
    }

    public long BytesSent => _port.BytesSent;

    public long BytesReceived { get; private set; }

    /// <summary>Asks a node twice for other nodes: after the first question the node may not yet send as much as it takes to ping as well.</summary>
    public void AskToComeIn(PeerEndPoint node)
    {
        Ask(node, KrpcMethod.FindNode, Id);
        Ask(node, KrpcMethod.FindNode, Id);
    }

    /// <summary>Asks a node something.</summary>
    /// <returns>Bytes of the question.</returns>
    public int Ask(
        PeerEndPoint node,
        KrpcMethod method,
        NodeId target = default,
        byte[]? token = null,
        int port = 0,
        bool isReadOnly = false
    )
    {
        var output = new ArrayBufferWriter<byte>();
        new KrpcWriter(output).WriteQuery(
            new KrpcQuery
            {
                Method = method,
                Transaction = _transaction++,
                Self = Id,
                Target = target,
                Token = token,
                Port = port,
                IsReadOnly = isReadOnly,
            }
        );
        _port.TrySend(output.WrittenSpan, node);
        return output.WrittenCount;
    }

    public void Send(ReadOnlySpan<byte> bytes, PeerEndPoint to)
    {
        _port.TrySend(bytes, to);
    }

    private bool Receive(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        BytesReceived += datagram.Length;
        var message = DhtBench.Read(datagram);
        if (message.Kind != KrpcKind.Query)
        {
            Answers.Add(datagram.ToArray());
            return true;
        }

        Queries.Add((message.Method, message.Target, from, message.Port, message.IsReadOnly));
        if (IsSilent)
        {
            return true;
        }

        var output = new ArrayBufferWriter<byte>();
        new KrpcWriter(output).TryWriteAnswer(
            new KrpcAnswer
            {
                Transaction = message.Transaction,
                Self = ChangesId ? DhtBench.Near(Id, 100) : Id,
                Asker = SeesAs ?? from,
                Token = message.Method == KrpcMethod.GetPeers ? "a token"u8 : [],
                Values = message.Method == KrpcMethod.GetPeers && Peers.TryGetValue(message.Target, out var peers) ? peers : [],
                Nodes = message.Method is KrpcMethod.FindNode or KrpcMethod.GetPeers && !EndPoint.IsIPv6 ? Nodes : [],
                Nodes6 = message.Method is KrpcMethod.FindNode or KrpcMethod.GetPeers && EndPoint.IsIPv6 ? Nodes : [],
            },
            KrpcWriter.MaxLength
        );
        _port.TrySend(output.WrittenSpan, from);
        return true;
    }
}
