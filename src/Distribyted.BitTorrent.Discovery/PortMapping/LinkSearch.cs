using System.Net;
using Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>Searches one IPv4 network for UPnP gateways, for the keepers of its routers. Safe for use by many threads.</summary>
/// <param name="link">The network.</param>
/// <param name="network">Where searches are sent.</param>
/// <param name="services">What keepers share.</param>
/// <param name="found">Told of each gateway that is found.</param>
internal sealed class LinkSearch(OwnLink link, PortMappingNetwork network, KeeperServices services, Action<IPAddress, Uri> found)
{
    private Task<IReadOnlyDictionary<IPAddress, Uri>>? _first;

    /// <summary>Starts a first search, so that its results are there when the other protocols have failed. Throws nothing but for the token.</summary>
    public Task BeginAsync(CancellationToken cancellationToken)
    {
        return _first = SearchAsync(cancellationToken);
    }

    /// <summary>Finds one router; by the first search, or else by one of its own.</summary>
    /// <returns>The gateway, owned by the caller; null: it did not answer.</returns>
    public async Task<IGateway?> FindAsync(IPAddress router, CancellationToken cancellationToken)
    {
        var first = Interlocked.Exchange(ref _first, null);
        var gateways = first is null ? await SearchAsync(cancellationToken) : await first.WaitAsync(cancellationToken);
        return gateways.TryGetValue(router, out var location) ? new UpnpGateway(link.Own, router, location, services.Time) : null;
    }

    private async Task<IReadOnlyDictionary<IPAddress, Uri>> SearchAsync(CancellationToken cancellationToken)
    {
        var gateways = await UpnpSearch.RunAsync(link, network.Search, Log, services.Time, cancellationToken);
        foreach (var (router, location) in gateways)
        {
            found(router, location);
        }

        return gateways;
    }

    private void Log(IPAddress device, string reason)
    {
        services.Logger.DeviceIgnored(device, reason);
    }
}
