using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery;
using Distribyted.Hosting;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>Users come first: what finds peers starts when both listeners answer.</summary>
[CancelAfter(60_000)]
internal sealed class DiscoveryStartTests
{
    private readonly ConcurrentDictionary<string, bool> _firstSeen = new(); // who was asked by discovery first: whether both listeners answered then
    private Daemon? _daemon;

    [Test]
    public async Task Discovery_sends_nothing_before_both_listeners_answer(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        using var node = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var list = new TcpListener(IPAddress.Loopback, 0);
        list.Start();
        var asked = Task.WhenAll(
            SeenAsync("DHT node", node.ReceiveAsync(cancellationToken).AsTask()),
            SeenAsync("list", list.AcceptSocketAsync(cancellationToken).AsTask())
        );
        var configured = DaemonBed.Configure(
            folder.Path,
            $"  extra_trackers_url: http://127.0.0.1:{((IPEndPoint)list.LocalEndpoint).Port}/list",
            "{port: 0, ip: 127.0.0.1, pass: x}",
            "{port: 0, ip: 127.0.0.1}"
        );
        configured.Settings.Engine.Discovery.DisableDht = false;
        configured.Settings.Engine.Discovery.DhtBootstrap = [$"127.0.0.1:{((IPEndPoint)node.Client.LocalEndPoint!).Port}"];
        configured.Settings.Engine.Discovery.DisablePortMapping = false;
        configured.Settings.Engine.Discovery.PortMapping = new PortMappingNetwork(() =>
        {
            Seen("port mapping");
            return [];
        })
        {
            NewsPort = 0,
        };

        await using var daemon = _daemon = Daemon.Build(configured);
        await daemon.StartAsync(cancellationToken);
        await asked.WaitAsync(cancellationToken);
        await daemon.StopAsync(cancellationToken);

        Assert.That(_firstSeen.Keys, Is.EquivalentTo(new[] { "DHT node", "list", "port mapping" }));
        Assert.That(_firstSeen.Values, Has.All.True, string.Join(", ", _firstSeen));
    }

    private async Task SeenAsync(string who, Task first)
    {
        await first;
        Seen(who);
    }

    private void Seen(string who)
    {
        _firstSeen.TryAdd(who, Answers(_daemon?.WebPort) && Answers(_daemon?.WebDavPort));
    }

    private static bool Answers(int? port)
    {
        if (port is null)
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port.Value);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
