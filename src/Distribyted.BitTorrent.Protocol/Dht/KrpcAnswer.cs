namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>What we answer to a query (BEP 5). Lists are written as far as they fit.</summary>
public readonly ref struct KrpcAnswer
{
    /// <summary>That of the query.</summary>
    public ReadOnlySpan<byte> Transaction { get; init; }

    /// <summary>Our id.</summary>
    public NodeId Self { get; init; }

    /// <summary>Where the query came from: the asker learns its public address (BEP 42).</summary>
    public PeerEndPoint Asker { get; init; }

    /// <summary>GetPeers: what an announce must repeat; empty: none.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>Peers of the torrent.</summary>
    public IReadOnlyList<PeerEndPoint> Values { get; init; }

    /// <summary>Nodes near the target with IPv4 addresses, nearest first.</summary>
    public IReadOnlyList<CompactNode> Nodes { get; init; }

    /// <summary>The same with IPv6 addresses (BEP 32).</summary>
    public IReadOnlyList<CompactNode> Nodes6 { get; init; }
}
