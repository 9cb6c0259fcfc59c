using System.Globalization;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Names;

/// <summary>Peers that a magnet names by host name (<c>x.pe=host:port</c>, BEP 9).</summary>
public static class NamedPeers
{
    private const int MaxHosts = 50;

    /// <summary>Looks their addresses up, all at once.</summary>
    /// <param name="hosts"><c>host:port</c> each; more than 50 are left out.</param>
    /// <param name="names">Resolves.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The peers, and the hosts whose names have no address yet.</returns>
    public static async Task<(IReadOnlyList<PeerEndPoint> Peers, IReadOnlyList<string> Unknown)> FindAsync(
        IEnumerable<string> hosts,
        HostNames names,
        CancellationToken cancellationToken
    )
    {
        List<PeerEndPoint> peers = [];
        List<string> unknown = [];
        var lookups = hosts.Take(MaxHosts).Select(async host => (Host: host, Peers: await FindAsync(host, names, cancellationToken)));
        foreach (var (host, found) in await Task.WhenAll(lookups))
        {
            if (found is null)
            {
                unknown.Add(host);
            }
            else
            {
                peers.AddRange(found);
            }
        }

        return (peers, unknown);
    }

    private static async Task<IEnumerable<PeerEndPoint>?> FindAsync(string host, HostNames names, CancellationToken cancellationToken)
    {
        var colon = host.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return [];
        }

        try
        {
            var addresses = await names.ResolveAsync(host[..colon], cancellationToken);
            return addresses.Select(address => new PeerEndPoint(address, port));
        }
        catch (Exception e) when (e is SocketException or ArgumentException) // no such name, or one that no resolver takes
        {
            return null;
        }
    }
}
