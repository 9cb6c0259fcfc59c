using System.Net;
using Distribyted.BitTorrent.Discovery.PortMapping.Gateways;
using Distribyted.BitTorrent.Discovery.PortMapping.Leases;
using Distribyted.BitTorrent.Protocol.PortMapping;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>Keeps our port mapped at one router, by the first of its protocols that works: TCP, and UDP under the same number. Between renewals it is one timer.</summary>
internal sealed class RouterKeeper : IDisposable
{
    private readonly KeeperServices _services;
    private readonly OwnLink _link;
    private readonly IPAddress _router;
    private readonly Func<CancellationToken, Task<IGateway?>>? _findUpnp;
    private readonly Lock _lock = new();
    private readonly List<(IGateway Gateway, MappingPlan Plan)> _gateways = []; // changed under _lock, by the loop alone
    private TaskCompletionSource _wake = NewWake(); // guarded by _lock
    private int _upnp = -1; // index in _gateways; -1: not found
    private int _current = -1; // index in _gateways of the one that has mapped; -1: none has
    private volatile int _failures; // in a row
    private bool _toldTrouble;
    private IPAddress? _toldSecondNat;
    private volatile MappedPort? _mapped;

    /// <param name="services">What keepers share.</param>
    /// <param name="link">The network that the router is in.</param>
    /// <param name="router">Its address.</param>
    /// <param name="gateways">Protocols to try, in this order.</param>
    /// <param name="findUpnp">Searches for the router by UPnP, tried last; null: it is not searched for.</param>
    public RouterKeeper(
        KeeperServices services,
        OwnLink link,
        IPAddress router,
        IReadOnlyList<IGateway> gateways,
        Func<CancellationToken, Task<IGateway?>>? findUpnp
    )
    {
        _services = services;
        _link = link;
        _router = router;
        _findUpnp = findUpnp;
        foreach (var gateway in gateways)
        {
            _upnp = gateway is UpnpGateway ? _gateways.Count : _upnp;
            Add(gateway);
        }
    }

    /// <summary>Address of the router.</summary>
    public IPAddress Router => _router;

    /// <summary>Whether it leads to the internet, as far as routes say.</summary>
    public bool IsDefault => _router.Equals(_link.Router);

    /// <summary>Whether it is a router for IPv6.</summary>
    public bool IsIPv6 => _link.IsIPv6;

    /// <summary>What is mapped now; null: nothing.</summary>
    public MappedPort? Mapped => _mapped;

    /// <summary>Whether it maps nothing for us, as far as it was asked.</summary>
    public bool HasFailed => _failures > 0;

    /// <summary>Maps and renews until it is stopped.</summary>
    /// <param name="stop">Ends it between requests: what was asked is to be known.</param>
    /// <param name="abort">Ends requests as well.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            Task woken;
            lock (_lock)
            {
                woken = _wake.Task;
            }

            var pause = await RoundAsync(stop, abort);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(woken, Task.Delay(pause, _services.Time, over.Token));
            await over.CancelAsync();
            if (woken.IsCompleted)
            {
                lock (_lock)
                {
                    _wake = NewWake();
                }
            }

            if (!stop.IsCancellationRequested)
            {
                _services.CheckLinks();
            }
        }
    }

    /// <summary>Maps now: the mapping may be lost.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _wake.TrySetResult();
        }
    }

    /// <summary>Looks at a datagram that a router sent by itself.</summary>
    public void Hear(ReadOnlySpan<byte> datagram, IPAddress from)
    {
        if (!from.Equals(_router) || _mapped is null)
        {
            return;
        }

        var isNews = false;
        lock (_lock)
        {
            foreach (var (gateway, _) in _gateways)
            {
                isNews |= gateway.ShowsRestart(datagram);
            }
        }

        if (isNews)
        {
            _services.Logger.GatewayRestarted(_router, _services.Port);
            Wake();
        }
    }

    /// <summary>Removes what is mapped. After <see cref="RunAsync"/> has ended.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (_mapped is not { } mapped || _current < 0)
        {
            return;
        }

        var isRemoved = false;
        try
        {
            isRemoved = await UnmapAsync(_gateways[_current].Gateway, mapped, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            isRemoved = false; // no more time
        }

        if (isRemoved)
        {
            _services.Logger.MappingRemoved(_router, mapped.ExternalPort);
        }
        else
        {
            _services.Logger.MappingNotRemoved(
                _router,
                mapped.ExternalPort,
                mapped.Until is { } until ? $"at {until:HH:mm} UTC" : "when the gateway restarts"
            );
        }

        Set(null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (gateway, _) in _gateways)
        {
            gateway.Dispose();
        }
    }

    /// <summary>What is not deleted is tried once more: miniupnpd 2.3.1 at times refuses to delete one of two ports that it has opened for IPv6.</summary>
    private async Task<bool> UnmapAsync(IGateway gateway, MappedPort mapped, CancellationToken cancellationToken)
    {
        List<(MappedProtocol Protocol, ushort Port)> left = [(MappedProtocol.Tcp, mapped.ExternalPort)];
        if (mapped.UdpPort > 0)
        {
            left.Add((MappedProtocol.Udp, mapped.UdpPort));
        }

        for (var tries = 0; tries < 2 && left.Count > 0; tries++)
        {
            foreach (var (protocol, port) in left.ToArray())
            {
                if (await gateway.UnmapAsync(protocol, _services.Port, port, cancellationToken))
                {
                    left.Remove((protocol, port));
                }
            }
        }

        return left.Count == 0;
    }

    private static TaskCompletionSource NewWake()
    {
        return new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Add(IGateway gateway)
    {
        lock (_lock)
        {
            _gateways.Add((gateway, new MappingPlan(_services.Port, Random.Shared)));
        }
    }

    /// <summary>Asks the protocol that worked the last time, or one after the other.</summary>
    /// <returns>How long to wait until the next round.</returns>
    private async Task<TimeSpan> RoundAsync(CancellationToken stop, CancellationToken abort)
    {
        var best = new MappingAnswer(MappingOutcome.Silent, Trouble: "it answers neither PCP nor NAT-PMP nor UPnP");
        var isUpnpKnown = false;
        foreach (var index in OrderOfGateways())
        {
            if (stop.IsCancellationRequested)
            {
                return TimeSpan.Zero;
            }

            var answer = await TryAsync(index, abort);
            if (answer.Outcome == MappingOutcome.Mapped)
            {
                return LeaseTimes.RenewIn(answer.Lease);
            }

            isUpnpKnown |= index == _upnp && answer.Outcome != MappingOutcome.Silent;
            best = Better(best, answer, index);
        }

        if (!isUpnpKnown && await SearchAsync(stop))
        {
            var answer = await TryAsync(_upnp, abort);
            if (answer.Outcome == MappingOutcome.Mapped)
            {
                return LeaseTimes.RenewIn(answer.Lease);
            }

            best = Better(best, answer, _upnp);
        }

        return Failed(best);
    }

    /// <summary>The one that worked the last time first. UPnP only if it was that: else the router is searched for again, since its description may have moved.</summary>
    private int[] OrderOfGateways()
    {
        return
        [
            .. Enumerable
                .Range(0, _gateways.Count)
                .Where(index => index != _upnp || index == _current || _gateways.Count == 1)
                .OrderBy(index => index == _current ? 0 : 1),
        ];
    }

    /// <returns>Whether the router was found.</returns>
    private async Task<bool> SearchAsync(CancellationToken stop)
    {
        try
        {
            if (_findUpnp is null || await _findUpnp(stop) is not { } found)
            {
                return false;
            }

            if (_upnp < 0)
            {
                _upnp = _gateways.Count;
                Add(found);
            }
            else
            {
                var (old, plan) = _gateways[_upnp];
                old.Dispose();
                lock (_lock)
                {
                    _gateways[_upnp] = (found, plan);
                }
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The answer to be shown. That a router does not speak one of the protocols means nothing.</summary>
    private MappingAnswer Better(MappingAnswer best, MappingAnswer answer, int index)
    {
        return index != _upnp && answer.Outcome is MappingOutcome.Silent or MappingOutcome.Unsupported ? best : answer;
    }

    private async Task<MappingAnswer> TryAsync(int index, CancellationToken abort)
    {
        var (gateway, plan) = _gateways[index];
        MappingAnswer answer;
        ushort udpPort;
        do
        {
            (answer, udpPort) = await MapBothAsync(gateway, plan, abort);
        } while (plan.AskAgain(answer));

        if (answer.Outcome == MappingOutcome.Mapped)
        {
            _current = index;
            _failures = 0;
            _toldTrouble = false;
            await SucceedAsync(gateway, answer, udpPort, abort);
        }
        else
        {
            _services.Logger.ProtocolFailed(_router, gateway.Name, answer.Trouble);
        }

        return answer;
    }

    /// <summary>TCP, and UDP under the same number. When UDP has a conflict there, TCP is given back: peers are told one number for both.</summary>
    private async Task<(MappingAnswer Answer, ushort UdpPort)> MapBothAsync(IGateway gateway, MappingPlan plan, CancellationToken abort)
    {
        var tcp = await gateway.MapAsync(new MappingRequest(MappedProtocol.Tcp, _services.Port, plan.ExternalPort, plan.Lease), abort);
        if (tcp.Outcome != MappingOutcome.Mapped)
        {
            return (tcp, 0);
        }

        var udp = await gateway.MapAsync(new MappingRequest(MappedProtocol.Udp, _services.Port, tcp.ExternalPort, plan.Lease), abort);
        if (udp.Outcome == MappingOutcome.Conflict && _mapped is null)
        {
            await gateway.UnmapAsync(MappedProtocol.Tcp, _services.Port, tcp.ExternalPort, abort);
            return (udp, 0);
        }

        return (tcp, udp.Outcome == MappingOutcome.Mapped ? udp.ExternalPort : (ushort)0);
    }

    private async Task SucceedAsync(IGateway gateway, MappingAnswer answer, ushort udpPort, CancellationToken abort)
    {
        DateTimeOffset? until = answer.Lease == TimeSpan.Zero ? null : _services.Time.GetUtcNow() + answer.Lease;
        var before = _mapped;
        var address = answer.ExternalAddress ?? before?.ExternalAddress;
        var mapped = new MappedPort(_router, gateway.Name, answer.ExternalPort, udpPort, address, until);
        Set(mapped); // before the next request: whatever comes, the mapping must be removed at the end
        if (answer.ExternalAddress is null && await gateway.FindExternalAddressAsync(abort) is { } found)
        {
            address = found;
            mapped = mapped with { ExternalAddress = found };
            Set(mapped);
        }

        if (before is null || before with { Until = until } != mapped)
        {
            _services.Logger.PortMapped(
                _router,
                udpPort == mapped.ExternalPort ? "TCP and UDP" : "TCP",
                mapped.ExternalPort,
                _services.Port,
                gateway.Name,
                until is { } end ? $"until {end:HH:mm} UTC, renewed after half of that time" : "without an end, removed at exit",
                address?.ToString() ?? "unknown"
            );
        }

        if (address is not null && !IsIPv6 && AddressGuard.ScopeOf(address) != AddressScope.Global && !address.Equals(_toldSecondNat))
        {
            _services.Logger.BehindSecondNat(_router, address, mapped.ExternalPort);
            _toldSecondNat = address;
        }
    }

    private TimeSpan Failed(MappingAnswer answer)
    {
        _failures++;
        var now = _services.Time.GetUtcNow();
        if (_mapped?.Until <= now)
        {
            Set(null);
        }

        var left = _mapped?.Until - now;
        var pause = LeaseTimes.RetryIn(_failures, answer.Lease, answer.Outcome == MappingOutcome.Refused, left);
        if (IsIPv6)
        {
            _services.Logger.PortNotOpened(_router, _services.Port, answer.Trouble, pause);
        }
        else if (_mapped is not null || _toldTrouble || !IsDefault || AddressGuard.ScopeOf(_link.Own) == AddressScope.Global)
        {
            _services.Logger.NotRenewed(_router, _services.Port, answer.Trouble, pause);
        }
        else
        {
            _toldTrouble = true;
            _services.Logger.PortNotMapped(_router, _services.Port, answer.Trouble, pause, _link.Own);
        }

        return pause;
    }

    private void Set(MappedPort? mapped)
    {
        _mapped = mapped;
        _services.Changed();
    }
}
