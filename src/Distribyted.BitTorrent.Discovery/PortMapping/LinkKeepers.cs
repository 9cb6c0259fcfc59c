using System.Diagnostics.CodeAnalysis;
using System.Net;
using Distribyted.BitTorrent.Discovery.PortMapping.Gateways;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>The routers of one network, each with its keeper: the one that leads to the internet, and every other one that a search finds.
/// Starts and ends once. Safe for use by many threads.</summary>
/// <param name="services">What keepers share.</param>
/// <param name="link">The network.</param>
/// <param name="network">Where gateways are looked for.</param>
/// <param name="abort">Ends requests that are under way.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "EndAsync is its end.")]
internal sealed class LinkKeepers(KeeperServices services, OwnLink link, PortMappingNetwork network, CancellationToken abort)
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<RouterKeeper> _keepers = []; // guarded by _lock
    private readonly List<Task> _running = []; // guarded by _lock
    private LinkSearch? _search;

    /// <summary>The network.</summary>
    public OwnLink Link => link;

    /// <summary>The keepers so far.</summary>
    public IReadOnlyList<RouterKeeper> Keepers
    {
        get
        {
            lock (_lock)
            {
                return [.. _keepers];
            }
        }
    }

    /// <summary>Begins to search and to map.</summary>
    public void Start()
    {
        if (!link.IsIPv6)
        {
            _search = new LinkSearch(link, network, services, Found);
            var first = _search.BeginAsync(_end.Token);
            Track(Background.Run("search for gateways", services.Logger, () => first));
        }

        if (link.Router is { } router)
        {
            Add(router, GatewaysOf(router));
        }
    }

    /// <summary>Ends mapping, and removes what is mapped as far as the token leaves time. Throws nothing.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync();
        while (true)
        {
            Task[] running;
            lock (_lock)
            {
                running = [.. _running];
                _running.Clear();
            }

            if (running.Length == 0)
            {
                break;
            }

            await Task.WhenAll(running);
        }

        await Task.WhenAll(Keepers.Select(keeper => keeper.RemoveAsync(cancellationToken)));
        foreach (var keeper in Keepers)
        {
            keeper.Dispose();
        }

        _end.Dispose();
    }

    private List<IGateway> GatewaysOf(IPAddress router)
    {
        var origin = services.Time.GetTimestamp();
        var socket = new ControlSocket(link.Own, new IPEndPoint(router, network.ControlPort), services.Time);
        TimeSpan Now() => services.Time.GetElapsedTime(origin);
        return link.IsIPv6 ? [new PcpGateway(socket, Now)] : [new PcpGateway(socket, Now), new NatPmpGateway(socket, Now)];
    }

    /// <summary>A search has found a gateway: unless it is kept already, it is from now on.</summary>
    private void Found(IPAddress router, Uri location)
    {
        if (!router.Equals(link.Router) && Keepers.All(keeper => !keeper.Router.Equals(router)) && !_end.IsCancellationRequested)
        {
            Add(router, [new UpnpGateway(link.Own, router, location, services.Time)]);
        }
    }

    private void Add(IPAddress router, List<IGateway> gateways)
    {
        var search = _search;
        var keeper = new RouterKeeper(
            services,
            link,
            router,
            gateways,
            search is null ? null : cancellationToken => search.FindAsync(router, cancellationToken)
        );
        lock (_lock)
        {
            _keepers.Add(keeper);
        }

        Track(Background.Run("keeper of a port mapping", services.Logger, () => keeper.RunAsync(_end.Token, abort)));
    }

    private void Track(Task task)
    {
        lock (_lock)
        {
            _running.Add(task);
        }
    }
}
