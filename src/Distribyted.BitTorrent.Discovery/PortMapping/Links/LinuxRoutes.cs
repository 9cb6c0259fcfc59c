using System.Globalization;
using System.Net;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Links;

/// <summary>Reads the default routes out of <c>/proc/net/route</c> and <c>/proc/net/ipv6_route</c> (proc(5)), with their metrics, which the framework does not tell.</summary>
internal static class LinuxRoutes
{
    private const int GatewayFlag = 2; // RTF_GATEWAY
    private const int UpFlag = 1; // RTF_UP

    /// <summary>IPv4: columns Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask, ...; addresses are hexadecimal numbers of the machine's byte order.</summary>
    public static IReadOnlyList<DefaultRoute> ReadIPv4(string text)
    {
        List<DefaultRoute> routes = [];
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split('\t', StringSplitOptions.TrimEntries);
            if (
                fields.Length >= 8
                && TryHex(fields[1], out var destination)
                && TryHex(fields[2], out var router)
                && TryHex(fields[3], out var flags)
                && TryHex(fields[7], out var mask)
                && long.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var metric)
                && destination == 0
                && mask == 0
                && IsUsable(flags)
                && router != 0
            )
            {
                routes.Add(new DefaultRoute(fields[0], new IPAddress(BitConverter.GetBytes(router)), metric));
            }
        }

        return routes;
    }

    /// <summary>IPv6: destination, its prefix length, source, its prefix length, next router, metric, two counters, flags, interface; all hexadecimal.</summary>
    public static IReadOnlyList<DefaultRoute> ReadIPv6(string text)
    {
        List<DefaultRoute> routes = [];
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (
                fields.Length >= 10
                && fields[1] == "00"
                && fields[3] == "00"
                && fields[4].Length == 32
                && TryHex(fields[5], out var metric)
                && TryHex(fields[8], out var flags)
                && IsUsable(flags)
                && TryBytes(fields[4], out var router)
            )
            {
                routes.Add(new DefaultRoute(fields[9], new IPAddress(router), metric));
            }
        }

        return routes;
    }

    private static bool IsUsable(uint flags)
    {
        return (flags & (UpFlag | GatewayFlag)) == (UpFlag | GatewayFlag);
    }

    private static bool TryHex(string text, out uint value)
    {
        return uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryBytes(string hex, out byte[] bytes)
    {
        bytes = new byte[hex.Length / 2];
        return Convert.FromHexString(hex, bytes, out _, out var written) == System.Buffers.OperationStatus.Done && written == bytes.Length;
    }
}
