using System.Buffers.Binary;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Transport;

/// <summary>Which peers count as one client in limits per address; see <see cref="ClientAddress"/>.</summary>
public static class PeerClient
{
    /// <summary>Equal for end points of one client; the port is 0.</summary>
    public static PeerEndPoint Of(PeerEndPoint peer)
    {
        return new PeerEndPoint(ClientAddress.Of(peer.Address), 0);
    }

    /// <summary>A number that is equal for end points of one client and, but for chance, different for others; on loopback each end point is a client of its own.</summary>
    public static ulong KeyOf(PeerEndPoint peer)
    {
        Span<byte> bytes = stackalloc byte[18];
        peer.WriteCompact(bytes);
        var port = peer.IsLoopback ? peer.Port : 0u;
        return peer.IsIPv6
            ? BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ port
            : ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | port;
    }
}
