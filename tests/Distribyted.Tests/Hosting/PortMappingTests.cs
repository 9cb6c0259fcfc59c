using System.Net;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Discovery;
using Distribyted.Configuration;
using Distribyted.Hosting;
using Distribyted.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Tests.Hosting;

/// <summary>What <c>torrent.disable_upnp</c> does, and what a user sees of port mapping.</summary>
[CancelAfter(60_000)]
internal sealed class PortMappingTests
{
    private int _asked;

    [Test]
    public async Task Without_the_key_routers_map_the_port_and_a_second_NAT_is_told_at_health(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var router = Router();
        await using var daemon = await StartAsync(folder, router, "  seed: true", cancellationToken);
        await Waiting.UntilAsync(() => router.Mappings.Count == 2, () => string.Join('\n', router.Requests), cancellationToken);

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var text = "";
        await Waiting.UntilAsync(
            () => text.Contains("second NAT", StringComparison.Ordinal) || ReadAsync().IsFaulted,
            () => text,
            cancellationToken
        );
        var line = "";
        await Waiting.UntilAsync(() => (line = Line(folder)).Length > 0, () => "no line about peers", cancellationToken);
        await daemon.StopAsync(cancellationToken);

        Assert.That(line, Does.Contain("encryption prefer, DHT off, local discovery off; behind a second NAT: "));
        Assert.That(text, Does.StartWith("{\"status\":\"ok\",\"reasons\":[\"behind a second NAT: ").And.Not.Contain("100.64"));
        Assert.That(router.Mappings, Is.Empty, "removed at the end");

        async Task ReadAsync()
        {
            text = await client.GetStringAsync(new Uri($"http://127.0.0.1:{daemon.WebPort}/health"), cancellationToken);
        }
    }

    [TestCase("false", true)]
    [TestCase("true", false)]
    public async Task The_key_ends_all_of_it(string value, bool isAsked, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var router = Router();
        await using (var daemon = await StartAsync(folder, router, $"  disable_upnp: {value}", cancellationToken))
        {
            daemon.Services.GetRequiredService<TorrentSession>().StartDiscovery();
            await Waiting.UntilAsync(() => !isAsked || Volatile.Read(ref _asked) > 0, () => "nothing was asked", cancellationToken);
            await daemon.StopAsync(cancellationToken);
        }

        Assert.That(_asked > 0, Is.EqualTo(isAsked));
        Assert.That(router.Requests.Count > 0, Is.LessThanOrEqualTo(isAsked));
        Assert.That(router.Mappings, Is.Empty);
    }

    /// <summary>What the log says of how peers reach us.</summary>
    private static string Line(TempFolder folder)
    {
        using var file = new FileStream(folder.At("logs/distribyted.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n').FirstOrDefault(static line => line.Contains("Peers: port", StringComparison.Ordinal)) ?? "";
    }

    private static FakeRouter Router()
    {
        return new FakeRouter("127.0.0.63") { SpeaksPcp = true, ExternalAddress = IPAddress.Parse("100.64.0.9") };
    }

    private async Task<Daemon> StartAsync(TempFolder folder, FakeRouter router, string more, CancellationToken cancellationToken)
    {
        _asked = 0;
        var configured = DaemonBed.Configure(folder.Path, more, "{port: 0, ip: 127.0.0.1, pass: x}", "{port: 0, ip: 127.0.0.1}");
        if (!more.Contains("disable_upnp", StringComparison.Ordinal))
        {
            configured.Settings.Engine.Discovery.DisablePortMapping = new Settings().Engine.Discovery.DisablePortMapping; // as without the key
        }

        configured.Settings.Engine.Discovery.PortMapping = new PortMappingNetwork(() =>
        {
            Interlocked.Increment(ref _asked);
            return [new OwnLink(IPAddress.Loopback, IPNetwork.Parse("127.0.0.0/8"), router.Address)];
        })
        {
            Search = router.SearchEndPoint,
            ControlPort = router.ControlPort,
            NewsPort = 0,
        };
        var daemon = Daemon.Build(configured);
        await daemon.StartAsync(cancellationToken);
        return daemon;
    }
}
