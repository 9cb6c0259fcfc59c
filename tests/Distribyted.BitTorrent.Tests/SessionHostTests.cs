using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests;

/// <summary>When discovery starts: never before the host's other services have, the listeners for HTTP among them.</summary>
[CancelAfter(60_000)]
internal sealed class SessionHostTests
{
    private static readonly TimeSpan NotYet = TimeSpan.FromMilliseconds(249);
    private static readonly InfoHash Hash = InfoHash.Compute("a film"u8);

    private FakeTimeProvider _time = null!;
    private TaskCompletionSource _asked = null!; // the port mapping has looked for routers
    private TempFolder _folder = null!;
    private TorrentSession _session = null!;
    private SessionHost _host = null!;

    [SetUp]
    public void MakeHost()
    {
        _time = new FakeTimeProvider();
        _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _folder = new TempFolder();
        _session = new TorrentSession(
            new BitTorrentOptions
            {
                MetadataFolder = _folder.Path,
                Transport =
                {
                    ListenPort = 0,
                    BindAddresses = [IPAddress.Loopback],
                    DisableLsd = true,
                },
                Discovery =
                {
                    DhtBootstrap = [],
                    PortMapping = new PortMappingNetwork(() =>
                    {
                        _asked.TrySetResult();
                        return [];
                    })
                    {
                        NewsPort = 0,
                    },
                },
            },
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        _host = new SessionHost(_session, _time);
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _host.StoppingAsync(CancellationToken.None);
        await _host.StopAsync(CancellationToken.None);
        await _session.DisposeAsync();
        _host.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task The_port_of_peers_is_open_at_once_and_nothing_else(CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(_session.ListenPort, Is.GreaterThan(0));
        Assert.That(Started, Is.EqualTo("nothing"));
    }

    [Test]
    public async Task All_of_it_starts_soon_after_all_services_have(CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);

        await _host.StartedAsync(cancellationToken);
        _time.Advance(NotYet);
        var before = Started;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _asked.Task.WaitAsync(cancellationToken);

        Assert.That(before, Is.EqualTo("nothing"));
        Assert.That(Started, Is.EqualTo("µTP, DHT, port mapping"));
    }

    [Test]
    public async Task A_magnet_without_trackers_does_not_wait_and_gets_what_starts_later(CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);
        await _host.StartedAsync(cancellationToken);

        await _session.AddAsync(new TorrentSource(Hash, null, [], []), cancellationToken);
        await _asked.Task.WaitAsync(cancellationToken);

        Assert.That(Started, Is.EqualTo("µTP, DHT, port mapping"));
    }

    [Test]
    public async Task A_magnet_with_trackers_asks_them_at_once_and_the_others_later(CancellationToken cancellationToken)
    {
        using var tracker = new TcpListener(IPAddress.Loopback, 0);
        tracker.Start();
        await _host.StartAsync(cancellationToken);
        await _host.StartedAsync(cancellationToken);

        var url = $"http://{tracker.LocalEndpoint}/announce";
        await _session.AddAsync(
            new TorrentSource(
                Hash,
                null,
                [
                    [url],
                ],
                []
            ),
            cancellationToken
        );
        using var announce = await tracker.AcceptSocketAsync(cancellationToken);

        Assert.That(Started, Is.EqualTo("nothing"));
    }

    [Test]
    public async Task What_ends_before_starts_nothing(CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);
        await _host.StartedAsync(cancellationToken);

        await _host.StoppingAsync(cancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));
        await _host.StopAsync(cancellationToken);
        _session.StartDiscovery();

        Assert.That(Started, Is.EqualTo("nothing"));
    }

    private string Started
    {
        get
        {
            List<string> parts = [];
            if (_session.Services.Peers.Utp is not null)
            {
                parts.Add("µTP");
            }

            if (_session.Torrents.PeerSources.Count > 1)
            {
                parts.Add("DHT");
            }

            if (_asked.Task.IsCompleted)
            {
                parts.Add("port mapping");
            }

            return parts.Count == 0 ? "nothing" : string.Join(", ", parts);
        }
    }
}
