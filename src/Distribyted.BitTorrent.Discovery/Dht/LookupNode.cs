using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>A node that a <see cref="Lookup"/> has heard of, and how far it is with it.</summary>
/// <param name="id">Null: only its address is known, as of a bootstrap host.</param>
/// <param name="endPoint">Where it listens.</param>
internal sealed class LookupNode(NodeId? id, PeerEndPoint endPoint)
{
    public NodeId? Id { get; } = id;

    public PeerEndPoint EndPoint { get; } = endPoint;

    public LookupNodeState State { get; set; }

    /// <summary>What an announce must repeat; null: it gave none.</summary>
    public byte[]? Token { get; set; }
}
