using System.Text.Json;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>A router that we did not write (miniupnpd) lets a peer that we did not write (libtorrent) in.</summary>
internal sealed class PortMappingTests
{
    [TestCase("PCP")]
    [TestCase("NAT-PMP")]
    [TestCase("UPnP")]
    [CancelAfter(180_000)]
    public async Task A_peer_on_the_internet_downloads_from_behind_a_NAT(string protocol, CancellationToken cancellationToken)
    {
        Programs.Need("curl");
        Programs.NeedLibtorrent();
        await NatNetwork.NeedAsync(cancellationToken);
        using var folder = new TempFolder();
        var bytes = new byte[3_000_000];
        new Random(7).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(folder.Make("shared", "Holiday"), "a.bin"), bytes, cancellationToken);
        await using var network = await NatNetwork.StartAsync(protocol, folder, cancellationToken);
        var config = DaemonConfig.Text(
            folder.At("metadata"),
            peers: 42069,
            "disable_dht: true\ndisable_utp: true\ndisable_lsd: true",
            more: $"""
            servers:
              - name: holiday
                path: {folder.At("shared", "Holiday")}
                trackers: []
                watcher_interval: 1
            """
        );
        await File.WriteAllTextAsync(folder.At("distribyted.yaml"), config, cancellationToken);

        await using var daemon = network.StartInside("dotnet", BuiltDaemon.Path(), "--config", folder.At("distribyted.yaml"));
        await daemon.WaitForOutputAsync($"maps its TCP and UDP port 42069 to our port 42069 ({protocol}, until", cancellationToken);
        await daemon.WaitForOutputAsync($"its external address is {NatNetwork.RouterOutside}.", cancellationToken);
        Assert.That(
            await network.MappingsAsync(cancellationToken),
            Is.EqualTo(["42069 to 192.168.77.2:42069", "42069 to 192.168.77.2:42069"]),
            network.RouterOutput
        ); // TCP and UDP

        if (protocol == "PCP")
        {
            await daemon.WaitForOutputAsync($"gateway {NatNetwork.RouterInsideIPv6} maps its TCP and UDP port 42069", cancellationToken);
            Assert.That(await network.OpenedAsync(cancellationToken), Is.EqualTo(2));
        }

        var magnet = await MagnetAsync(network, cancellationToken) + $"&x.pe={NatNetwork.RouterOutside}:42069";
        var downloads = folder.Make("downloads");
        await using var leecher = network.StartOutside(
            "/usr/bin/python3",
            Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_peer.py"),
            magnet,
            downloads,
            NatNetwork.Outside,
            "6881"
        );
        await leecher.WaitForOutputAsync("seeding", cancellationToken);
        var copy = await File.ReadAllBytesAsync(Path.Combine(downloads, "Holiday", "a.bin"), cancellationToken);
        Assert.That(Content.Sha256(copy), Is.EqualTo(Content.Sha256(bytes)));

        Assert.That(await daemon.StopAsync(cancellationToken), Is.LessThan(TimeSpan.FromSeconds(5)));
        Assert.That(await network.MappingsAsync(cancellationToken), Is.Empty, daemon.Output);
        Assert.That(await network.OpenedAsync(cancellationToken), Is.Zero, "ports of IPv6 that stay open in the firewall");
    }

    private static async Task<string> MagnetAsync(NatNetwork network, CancellationToken cancellationToken)
    {
        var magnet = "";
        await Daemon.WaitForAsync(
            async () =>
            {
                var text = await network.TryRunInsideAsync(
                    "curl",
                    cancellationToken,
                    "-sf",
                    "-u",
                    $"admin:{DaemonConfig.Password}",
                    "http://127.0.0.1:4444/api/servers"
                );
                using var servers = JsonDocument.Parse(text ?? "[]");
                magnet = servers.RootElement.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } server
                    ? server.GetProperty("magnetUri").GetString()!
                    : "";
                return magnet.Length > 0;
            },
            "the shared folder is hashed",
            cancellationToken
        );
        return magnet;
    }
}
