using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Udp;

/// <summary>Sending datagrams by the system's own call, on Linux. .NET reports a full socket and a missing route by exceptions, which cost more than ten
/// datagrams; here they are a return value.</summary>
internal static partial class NativeDatagrams
{
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const short IPv4 = 2; // AF_INET
    private const short IPv6 = 10; // AF_INET6
    private const int IPv4Length = 16;
    private const int IPv6Length = 28;

    public static bool IsKnown { get; } = OperatingSystem.IsLinux();

    public static bool TrySend(SafeSocketHandle socket, ReadOnlySpan<byte> datagram, PeerEndPoint to)
    {
        Span<byte> address = stackalloc byte[IPv6Length];
        address.Clear();
        MemoryMarshal.Write(address, to.IsIPv6 ? IPv6 : IPv4);
        RawAddress.Write(address, to);
        try
        {
            return SendTo(socket, datagram, (nuint)datagram.Length, DontWait | NoSignal, address, to.IsIPv6 ? IPv6Length : IPv4Length)
                == datagram.Length;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "sendto")]
    private static partial nint SendTo(
        SafeSocketHandle socket,
        ReadOnlySpan<byte> bytes,
        nuint length,
        int flags,
        ReadOnlySpan<byte> address,
        int addressLength
    );
}
