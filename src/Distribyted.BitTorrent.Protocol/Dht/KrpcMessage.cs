using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>One DHT message as it lies in the receive buffer: valid until those bytes are given back (BEP 5, 32, 42, 43).</summary>
/// <remarks>Read by <see cref="KrpcReader"/>. What the kind of message does not need may be empty.</remarks>
public readonly ref struct KrpcMessage
{
    /// <summary>Most peers that are taken from one answer.</summary>
    public const int MaxValues = 100;

    /// <summary>What it is.</summary>
    public KrpcKind Kind { get; init; }

    /// <summary>Query: what is asked.</summary>
    public KrpcMethod Method { get; init; }

    /// <summary>What its sender tells questions apart by, 1 to <see cref="KrpcReader.MaxTransactionLength"/> bytes; an answer has that of its question.</summary>
    public ReadOnlySpan<byte> Transaction { get; init; }

    /// <summary>Query, Response: id of the sender, as it says.</summary>
    public NodeId Sender { get; init; }

    /// <summary>FindNode: the target. GetPeers, AnnouncePeer: the info hash.</summary>
    public NodeId Target { get; init; }

    /// <summary>GetPeers answers: what an announce must repeat. AnnouncePeer: that.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>AnnouncePeer: the TCP port; 0: none that can be used, or that of the datagram is meant (<see cref="ImpliedPort"/>).</summary>
    public int Port { get; init; }

    /// <summary>AnnouncePeer: the port of the datagram is the peer's port.</summary>
    public bool ImpliedPort { get; init; }

    /// <summary>Response: nodes with IPv4 addresses, for <see cref="CompactNode.ReadAll"/>.</summary>
    public ReadOnlySpan<byte> Nodes { get; init; }

    /// <summary>Response: nodes with IPv6 addresses (BEP 32).</summary>
    public ReadOnlySpan<byte> Nodes6 { get; init; }

    /// <summary>Query: nodes with IPv4 addresses are wanted (BEP 32).</summary>
    public bool WantsIPv4 { get; init; }

    /// <summary>Query: nodes with IPv6 addresses are wanted (BEP 32).</summary>
    public bool WantsIPv6 { get; init; }

    /// <summary>Query: the sender does not answer queries, and wants to be in no table (BEP 43).</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Error: its number.</summary>
    public long ErrorCode { get; init; }

    /// <summary>Response: where the answering node sees us (BEP 42); null: it does not say.</summary>
    public PeerEndPoint? SeenAs { get; init; }

    /// <summary>Response: the list of peers, bencoded; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Values { get; init; }

    /// <summary>Reads the peers of an answer, at most <see cref="MaxValues"/>; what is no address with a port is left out.</summary>
    public void ReadValues(ICollection<PeerEndPoint> peers)
    {
        if (Values.IsEmpty)
        {
            return;
        }

        var reader = BencodeReader.Quiet(Values);
        reader.ReadListStart();
        for (var read = 0; read < MaxValues && !reader.TryReadEnd(); read++)
        {
            if (reader.TryReadString(out var value) && value.Length is 6 or 18 && PeerEndPoint.ReadCompact(value) is { Port: not 0 } peer)
            {
                peers.Add(peer);
            }
        }
    }
}
