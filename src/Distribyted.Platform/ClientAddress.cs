using System.Net;
using System.Net.Sockets;

namespace Distribyted.Platform;

/// <summary>Addresses as every part of the program compares them.</summary>
public static class ClientAddress
{
    /// <summary>What counts as one client in limits per address: an IPv4 address, or the /64 of an IPv6 address, since one line has that many (RFC 6177).
    /// Loopback addresses are their own. <see cref="IPAddress.None"/> for null.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        var plain = Plain(address);
        if (plain.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(plain))
        {
            return plain;
        }

        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    /// <summary>The IPv4 address of an IPv4-mapped one (RFC 4291, section 2.5.5.2); every other address is its own.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
