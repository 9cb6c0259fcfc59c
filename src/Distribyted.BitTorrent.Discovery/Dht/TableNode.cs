using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>A node in the <see cref="RoutingTable"/>, which owns it.</summary>
internal sealed class TableNode(NodeId id, PeerEndPoint endPoint, bool isPublic)
{
    public NodeId Id { get; } = id;

    public PeerEndPoint EndPoint { get; } = endPoint;

    /// <summary>Whether limits per address apply to it.</summary>
    public bool IsPublic { get; } = isPublic;

    /// <summary>Whether its id follows from its address (BEP 42); private addresses need not.</summary>
    public bool IsSecure { get; } = !isPublic || SecureNodeId.IsValid(id, endPoint);

    /// <summary>When it last answered; null: not in this run.</summary>
    public TimeSpan? AnsweredAt { get; set; }

    /// <summary>Questions in a row without an answer.</summary>
    public int Failures { get; set; }

    /// <summary>It answered the last question, and is told to others.</summary>
    public bool IsGood => AnsweredAt is not null && Failures == 0;

    public CompactNode Compact => new(Id, EndPoint);
}
