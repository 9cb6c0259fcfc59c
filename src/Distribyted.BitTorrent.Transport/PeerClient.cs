using System.Buffers.Binary;
using System.Net;
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
        var isLoopback = IPAddress.IsLoopback(peer.Address);
        var length = (isLoopback ? peer : Of(peer)).WriteCompact(bytes);
        return length == 6
            ? ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..])
            : BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
    }
}
