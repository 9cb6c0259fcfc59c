using System.Net;
using System.Net.Sockets;

namespace Distribyted.Http;

/// <summary>What counts as one client in limits per address.</summary>
public static class ClientAddress
{
    /// <summary>The IPv4 address, also of an IPv4-mapped one (RFC 4291, section 2.5.5.2); of an IPv6 address its /64, since one line has that many (RFC 6177).
    /// <see cref="IPAddress.None"/> for null.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
