using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>An address of this machine in a network where local discovery takes part.</summary>
/// <param name="Index">Of the interface.</param>
/// <param name="Address">Ours.</param>
/// <param name="PrefixLength">Bits that all addresses of the network have in common.</param>
internal sealed record LocalNetwork(int Index, IPAddress Address, int PrefixLength)
{
    /// <summary>The networks of this machine: of interfaces that are up and can do multicast; with addresses that are bound, of those only.</summary>
    public static IReadOnlyList<LocalNetwork> All(TransportOptions options)
    {
        List<LocalNetwork> found = [];
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (card.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)) // loopback is Unknown
            {
                continue;
            }

            var properties = card.GetIPProperties();
            foreach (var unicast in properties.UnicastAddresses)
            {
                var isBound = options.BindAddresses.Any(a => IsSame(a, unicast.Address));
                if (
                    (isBound || (options.BindAddresses.Count == 0 && card.SupportsMulticast))
                    && !(options.DisableIPv6 && unicast.Address.AddressFamily == AddressFamily.InterNetworkV6)
                    && IndexOf(properties, unicast.Address.AddressFamily) is { } index
                )
                {
                    found.Add(new LocalNetwork(index, unicast.Address, unicast.PrefixLength));
                }
            }
        }

        return found;
    }

    /// <summary>Whether an address belongs to this network.</summary>
    public bool Contains(IPAddress address)
    {
        if (address.AddressFamily != Address.AddressFamily)
        {
            return false;
        }

        Span<byte> ours = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        Address.TryWriteBytes(ours, out var length);
        address.TryWriteBytes(theirs, out _);
        for (var bit = 0; bit < Math.Min(PrefixLength, length * 8); bit++)
        {
            if (((ours[bit / 8] ^ theirs[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSame(IPAddress bound, IPAddress address)
    {
        return bound.Equals(address)
            || (IPAddress.IsLoopback(bound) && IPAddress.IsLoopback(address) && bound.AddressFamily == address.AddressFamily);
    }

    private static int? IndexOf(IPInterfaceProperties properties, AddressFamily family)
    {
        try
        {
            return family == AddressFamily.InterNetwork ? properties.GetIPv4Properties().Index : properties.GetIPv6Properties().Index;
        }
        catch (NetworkInformationException)
        {
            return null; // the interface does not speak this family
        }
    }
}
