using System.Buffers.Binary;
using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Udp;

/// <summary>Addresses as the system's calls have them (<c>sockaddr_in</c>, <c>sockaddr_in6</c>): port at byte 2, IPv4 address at 4, IPv6 address at 8.</summary>
internal static class RawAddress
{
    private const int PortAt = 2;
    private const int IPv4At = 4;
    private const int IPv6At = 8;

    /// <summary>Who sent a datagram; IPv4-mapped addresses are IPv4.</summary>
    public static PeerEndPoint Read(SocketAddress address)
    {
        return Read(address.Buffer.Span, address.Family == System.Net.Sockets.AddressFamily.InterNetworkV6);
    }

    public static PeerEndPoint Read(ReadOnlySpan<byte> address, bool isIPv6)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[PortAt..]);
        return new PeerEndPoint(isIPv6 ? address.Slice(IPv6At, 16) : address.Slice(IPv4At, 4), port);
    }

    /// <param name="address">Of the family of <paramref name="to"/>.</param>
    /// <param name="to">What is written.</param>
    public static void Write(SocketAddress address, PeerEndPoint to)
    {
        Write(address.Buffer.Span, to);
    }

    /// <summary>All but the family.</summary>
    public static void Write(Span<byte> address, PeerEndPoint to)
    {
        Span<byte> compact = stackalloc byte[18];
        var length = to.WriteCompact(compact);
        compact[(length - 2)..length].CopyTo(address[PortAt..]);
        compact[..(length - 2)].CopyTo(address[(to.IsIPv6 ? IPv6At : IPv4At)..]);
    }
}
