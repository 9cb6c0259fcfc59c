using System.Net;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Discovery.PortMapping;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.PortMapping;

/// <summary>A port mapper on loopback whose routers are stand-ins, with a clock that the test moves.</summary>
internal sealed class MapperBed : IAsyncDisposable
{
    public const int Port = 42069;

    private const int QuietTicks = 20; // after which nothing is under way any more: stand-ins answer at once
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan QuietStep = TimeSpan.FromSeconds(10);

    private readonly PortMappingNetwork _network;

    /// <param name="routers">The first one is the default router and hears searches.</param>
    public MapperBed(params FakeRouter[] routers)
    {
        Routers = routers;
        NewsPort = FreeUdpPort();
        Links = [new OwnLink(IPAddress.Loopback, IPNetwork.Parse("127.0.0.0/8"), routers.Length > 0 ? routers[0].Address : null)];
        _network = new PortMappingNetwork(() => Links);
        if (routers.Length > 0)
        {
            routers[0].Neighbours = routers[1..];
            _network = _network with { Search = routers[0].SearchEndPoint, ControlPort = routers[0].ControlPort, NewsPort = NewsPort };
        }
        else
        {
            _network = _network with { NewsPort = 0 };
        }
    }

    public FakeRouter[] Routers { get; }

    public FakeRouter Router => Routers[0];

    public int NewsPort { get; }

    public IReadOnlyList<OwnLink> Links { get; set; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));

    public RecordingLog Log { get; } = new();

    public PortMapper Mapper { get; private set; } = null!;

    /// <summary>Calls of <c>changed</c>.</summary>
    public int Changes { get; private set; }

    public MapperBed Start()
    {
        Mapper = new PortMapper(new DiscoveryOptions { PortMapping = _network }, new TransportOptions(), Time, Log);
        Mapper.Start(Port, () => Changes++);
        return this;
    }

    /// <summary>Starts, and waits until the default router has mapped.</summary>
    public async Task<MapperBed> MappedAsync(CancellationToken cancellationToken)
    {
        Start();
        await PassUntilAsync(() => Mapper.ExternalPort > 0, cancellationToken);
        return this;
    }

    /// <summary>Waits for a state without moving the clock.</summary>
    public Task UntilAsync(
        Func<bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        return Waiting.UntilAsync(condition, Seen, cancellationToken, what);
    }

    /// <summary>Lets time pass, slowly enough for answers, until a state has come; faster while nothing happens.</summary>
    public Task PassUntilAsync(
        Func<bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        var (happened, quiet) = (0, 0);
        return Waiting.UntilAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                var before = happened;
                happened = Log.Lines.Count() + Routers.Sum(static router => router.Requests.Count + router.Unanswered);
                quiet = happened == before ? quiet + 1 : 0;
                Time.Advance(quiet > QuietTicks ? QuietStep : Step);
                return false;
            },
            Seen,
            cancellationToken,
            what
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (Mapper is not null)
        {
            await Mapper.DisposeAsync();
        }

        foreach (var router in Routers)
        {
            await router.DisposeAsync();
        }
    }

    private string Seen()
    {
        return $"{Log.All}\n{string.Join('\n', Routers.SelectMany(router => router.Requests))}";
    }

    private static int FreeUdpPort()
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork,
            System.Net.Sockets.SocketType.Dgram,
            System.Net.Sockets.ProtocolType.Udp
        );
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
