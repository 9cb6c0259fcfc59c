namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>A node as others name it: its id, and where it listens. 26 bytes for IPv4 (BEP 5), 38 for IPv6 (BEP 32).</summary>
public readonly record struct CompactNode(NodeId Id, PeerEndPoint EndPoint)
{
    /// <summary>Bytes of a node with an IPv4 address.</summary>
    public const int LengthIPv4 = 26;

    /// <summary>Bytes of a node with an IPv6 address.</summary>
    public const int LengthIPv6 = 38;

    /// <summary>Reads nodes that lie one behind the other; half a node at the end is left out, and so are those without a port.</summary>
    /// <param name="bytes">As they came.</param>
    /// <param name="isIPv6">Which length each has.</param>
    /// <param name="most">No more than this.</param>
    /// <param name="nodes">Takes them.</param>
    public static void ReadAll(ReadOnlySpan<byte> bytes, bool isIPv6, int most, ICollection<CompactNode> nodes)
    {
        var length = isIPv6 ? LengthIPv6 : LengthIPv4;
        for (var read = 0; read < most && bytes.Length >= length; read++)
        {
            var endPoint = PeerEndPoint.ReadCompact(bytes[NodeId.Length..length]);
            if (endPoint.Port != 0 && endPoint.IsIPv6 == isIPv6)
            {
                nodes.Add(new CompactNode(new NodeId(bytes[..NodeId.Length]), endPoint));
            }

            bytes = bytes[length..];
        }
    }

    /// <summary>Writes the compact form and says how many bytes it took.</summary>
    public int Write(Span<byte> destination)
    {
        Id.CopyTo(destination);
        return NodeId.Length + EndPoint.WriteCompact(destination[NodeId.Length..]);
    }
}
