using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.PortMapping.Links;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>Makes the routers of our networks pass connections of peers on to us: by PCP, NAT-PMP or UPnP. One for the session; starts and stops once.
/// Safe for use by many threads.</summary>
public sealed class PortMapper : IAsyncDisposable
{
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(1); // from a network that we have left

    private readonly PortMappingNetwork _network;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private IReadOnlyList<LinkKeepers> _networks = []; // replaced, never changed
    private TaskCompletionSource _moved = NewSignal();
    private bool _hasLooked; // for networks

    private Action _changed = static () => { };
    private RouterNews? _news;
    private Task _loop = Task.CompletedTask;

    /// <param name="options">Where gateways are looked for.</param>
    /// <param name="transport">The addresses that we use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="PortMappingLog"/>.</param>
    public PortMapper(DiscoveryOptions options, TransportOptions transport, TimeProvider time, ILogger logger)
    {
        _network = options.PortMapping ?? new PortMappingNetwork(() => OwnLinks.Find(transport));
        _time = time;
        _logger = logger;
    }

    /// <summary>The TCP port that peers reach us on from the internet; 0: none is mapped. With several routers that of the one that has a public address and is the
    /// default one.</summary>
    public int ExternalPort => Best(MappedIPv4())?.Mapped!.ExternalPort ?? 0;

    /// <summary>Our public addresses as the routers know them.</summary>
    public IReadOnlyList<IPAddress> ExternalAddresses
    {
        get
        {
            return
            [
                .. Keepers
                    .Select(static keeper => keeper.Mapped?.ExternalAddress)
                    .OfType<IPAddress>()
                    .Where(static address => AddressGuard.ScopeOf(address) == AddressScope.Global)
                    .Distinct(),
            ];
        }
    }

    /// <summary>What is known now.</summary>
    public PortMappingStatus Status
    {
        get
        {
            IReadOnlyList<LinkKeepers> networks;
            bool hasLooked;
            lock (_lock)
            {
                (networks, hasLooked) = (_networks, _hasLooked);
            }

            var isPublic = networks.Any(static network => AddressGuard.ScopeOf(network.Link.Own) == AddressScope.Global);
            var keepers = networks.SelectMany(static network => network.Keepers).ToLookup(static keeper => keeper.IsIPv6);
            var counted = (keepers.Contains(false) ? keepers[false] : keepers[true]).ToList();
            if (Best(counted.FindAll(static keeper => keeper.Mapped is not null)) is { Mapped: { } mapped } best)
            {
                var isUseful = best.IsIPv6 || ScopeOf(mapped) is AddressScope.Global or null;
                var state = isUseful ? PortMappingState.Mapped : PortMappingState.SecondNat;
                return new PortMappingStatus(state, mapped.Protocol, mapped.ExternalPort, isPublic);
            }

            var unmapped =
                hasLooked && networks.Count == 0 ? PortMappingState.NoRouter
                : counted.Count > 0 && counted.TrueForAll(static keeper => keeper.HasFailed) ? PortMappingState.NotMapped
                : PortMappingState.Searching;
            return new PortMappingStatus(unmapped, "", 0, isPublic);
        }
    }

    private IEnumerable<RouterKeeper> Keepers
    {
        get
        {
            lock (_lock)
            {
                return _networks.SelectMany(static network => network.Keepers).ToArray();
            }
        }
    }

    /// <summary>Begins to map, in the background.</summary>
    /// <param name="port">The TCP and UDP port that we listen on.</param>
    /// <param name="changed">Called when <see cref="ExternalPort"/> or the addresses may have changed.</param>
    public void Start(int port, Action changed)
    {
        _changed = changed;
        var services = new KeeperServices((ushort)port, _time, _logger, Changed, CheckLinks);
        if (_network.NewsPort > 0)
        {
            StartNews();
        }

        _loop = Background.Run("port mapping", _logger, () => RunAsync(services));
    }

    /// <summary>This machine has other addresses, or was stopped for a while: everything is mapped again.</summary>
    public void NetworkChanged()
    {
        CheckLinks();
        foreach (var keeper in Keepers)
        {
            keeper.Wake();
        }
    }

    /// <summary>Removes the mappings, as far as the token leaves time. Throws nothing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stop.IsCancellationRequested)
        {
            await _loop;
            return;
        }

        await using var registration = cancellationToken.Register(_abort.Cancel);
        await _stop.CancelAsync();
        await _loop;
        if (_news is not null)
        {
            await _news.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _stop.Dispose();
        _abort.Dispose();
    }

    private static TaskCompletionSource NewSignal()
    {
        return new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static AddressScope? ScopeOf(MappedPort mapped)
    {
        return mapped.ExternalAddress is { } address ? AddressGuard.ScopeOf(address) : null;
    }

    private static RouterKeeper? Best(List<RouterKeeper> keepers)
    {
        return keepers
            .OrderBy(static keeper => ScopeOf(keeper.Mapped!) is AddressScope.Global or null ? 0 : 1)
            .ThenBy(static keeper => keeper.IsDefault ? 0 : 1)
            .FirstOrDefault();
    }

    private List<RouterKeeper> MappedIPv4()
    {
        return [.. Keepers.Where(static keeper => keeper is { IsIPv6: false, Mapped: not null })];
    }

    private void StartNews()
    {
        try
        {
            _news = new RouterNews(_network.NewsPort, Hear);
        }
        catch (SocketException e)
        {
            _logger.NewsUnavailable(_network.NewsPort, e.Message); // then a restart is noticed at the next renewal
        }
    }

    private void Hear(byte[] datagram, IPAddress from)
    {
        foreach (var keeper in Keepers)
        {
            keeper.Hear(datagram, from);
        }
    }

    private async Task RunAsync(KeeperServices services)
    {
        while (!_stop.IsCancellationRequested)
        {
            Task moved;
            lock (_lock)
            {
                _moved = NewSignal();
                moved = _moved.Task;
            }

            await FollowAsync(services, FindLinks());
            await moved.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_networks.Select(network => network.EndAsync(_abort.Token)));
    }

    /// <summary>Ends with networks that we have left, begins with new ones; what stays is not touched.</summary>
    private async Task FollowAsync(KeeperServices services, IReadOnlyList<OwnLink> links)
    {
        var before = _networks;
        var added = links
            .Where(link => !before.Any(network => network.Link == link))
            .Select(link => new LinkKeepers(services, link, _network, _abort.Token))
            .ToArray();
        lock (_lock)
        {
            _networks = [.. before.Where(network => links.Contains(network.Link)), .. added];
            _hasLooked = true;
        }

        if (links.Count == 0)
        {
            _logger.NoRouter();
        }

        using var deadline = new CancellationTokenSource(RemovalTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _abort.Token);
        await Task.WhenAll(before.Where(network => !links.Contains(network.Link)).Select(network => network.EndAsync(either.Token)));
        foreach (var network in added)
        {
            network.Start();
        }
    }

    private IReadOnlyList<OwnLink> FindLinks()
    {
        try
        {
            return _network.FindLinks();
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    /// <summary>Begins anew when our networks are others.</summary>
    private void CheckLinks()
    {
        var links = FindLinks();
        lock (_lock)
        {
            if (!links.SequenceEqual(_networks.Select(static network => network.Link)))
            {
                _moved.TrySetResult();
            }
        }
    }

    private void Changed()
    {
        if (!_stop.IsCancellationRequested)
        {
            _changed();
        }
    }
}
