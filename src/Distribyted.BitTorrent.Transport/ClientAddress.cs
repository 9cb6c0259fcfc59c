using System.Buffers.Binary;
using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>What counts as one client in every limit per address: an IPv4 address, or the /64 of an IPv6 address, since one line has that many (RFC 6177).</summary>
public static class ClientAddress
{
    /// <summary>Equal for end points of one client; the port is 0.</summary>
    public static PeerEndPoint Of(PeerEndPoint peer)
    {
        var address = peer.Address;
        if (!peer.IsIPv6 || IPAddress.IsLoopback(address))
        {
            return new PeerEndPoint(address, 0);
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new PeerEndPoint(new IPAddress(bytes), 0);
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
