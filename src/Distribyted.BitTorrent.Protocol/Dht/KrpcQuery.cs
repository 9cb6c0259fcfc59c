namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>A question that we ask (BEP 5).</summary>
public readonly ref struct KrpcQuery
{
    /// <summary>What is asked; not <see cref="KrpcMethod.Unknown"/>.</summary>
    public KrpcMethod Method { get; init; }

    /// <summary>What the answer repeats.</summary>
    public uint Transaction { get; init; }

    /// <summary>Our id.</summary>
    public NodeId Self { get; init; }

    /// <summary>FindNode: the target. GetPeers, AnnouncePeer: the info hash.</summary>
    public NodeId Target { get; init; }

    /// <summary>AnnouncePeer: the token of that node.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>AnnouncePeer: our TCP port.</summary>
    public int Port { get; init; }

    /// <summary>Nodes of both families are wanted (BEP 32).</summary>
    public bool WantsBoth { get; init; }

    /// <summary>We cannot be reached and want to be in no table (BEP 43).</summary>
    public bool IsReadOnly { get; init; }
}
