using System.Globalization;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Holepunch (BEP 55) between two homes whose routers let nothing in: peers of both are connected only because a third one tells them to dial one another.</summary>
internal sealed class HolepunchTests
{
    private const int RelayPort = 6881;

    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 3_000_001 };

    [TestCase("libtorrent")]
    [TestCase("distribyted")]
    [CancelAfter(120_000)]
    public async Task A_file_is_read_from_a_peer_behind_another_NAT(string relay, CancellationToken cancellationToken)
    {
        Programs.Need("curl", "transmission-create");
        Programs.NeedLibtorrent();
        await NetworkSpaces.NeedAsync(cancellationToken);
        using var folder = new TempFolder();
        var content = await Content.MakeAsync(folder, "Film", Files, 64, "http://127.0.0.1:1/announce", cancellationToken);
        var magnet = $"magnet:?xt=urn:btih:{content.InfoHash}";
        await using var network = await TwoNats.StartAsync(folder, cancellationToken);
        await using var introducer =
            relay == "libtorrent"
                ? Libtorrent(network, TwoNats.Net, content.Torrent, folder.Make("nothing"), TwoNats.Outside, "--introduces")
                : await DaemonAsync(network, TwoNats.Net, folder, magnet, cancellationToken);
        await using var far = Libtorrent(
            network,
            TwoNats.Far,
            content.Torrent,
            content.Folder,
            TwoNats.FarInside,
            "--dials",
            $"{TwoNats.Outside}:{RelayPort}",
            "--no-pex", // otherwise it dials us because peer exchange tells it of us, at the same moment by chance
            "--log-peers"
        );

        await using var daemon = await DaemonAsync(
            network,
            TwoNats.Near,
            folder,
            $"{magnet}&x.pe={TwoNats.Outside}:{RelayPort}",
            cancellationToken
        );

        var copy = folder.At("copy");
        await Daemon.WaitForAsync(
            async () =>
                await CurlAsync(network, TwoNats.Near, cancellationToken, "-o", copy, "http://127.0.0.1:36911/multimedia/Film/film.mkv")
                    is not null,
            $"the file is read\n{daemon.Output}\n{introducer.Output}\n{far.Output}",
            cancellationToken
        );
        Assert.That(far.Output, Does.Contain("HOLEPUNCH_MODE"));
        var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, "film.mkv"), cancellationToken);
        Assert.That(Content.Sha256(await File.ReadAllBytesAsync(copy, cancellationToken)), Is.EqualTo(Content.Sha256(original)));
    }

    private static RunningProgram Libtorrent(
        TwoNats network,
        string space,
        string torrent,
        string content,
        string address,
        params IReadOnlyList<string> more
    )
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_peer.py");
        return network.Spaces.Start(
            space,
            "/usr/bin/python3",
            [script, torrent, content, address, RelayPort.ToString(CultureInfo.InvariantCulture), "--transport", "utp", .. more]
        );
    }

    /// <summary>Starts a daemon in a namespace and adds a magnet to it.</summary>
    private static async Task<RunningProgram> DaemonAsync(
        TwoNats network,
        string space,
        TempFolder folder,
        string magnet,
        CancellationToken cancellationToken
    )
    {
        var config = folder.At(space + ".yaml");
        const string torrent = """
            disable_dht: true
            disable_lsd: true
            disable_upnp: true
            add_timeout: 1
            continue_when_add_timeout: true
            """;
        await File.WriteAllTextAsync(config, DaemonConfig.Text(folder.Make(space), RelayPort, torrent), cancellationToken);
        var daemon = network.Spaces.Start(space, "dotnet", BuiltDaemon.Path(), "--config", config);
        try
        {
            await daemon.WaitForOutputAsync("User: admin", cancellationToken); // the listeners are open
            var added = await CurlAsync(
                network,
                space,
                cancellationToken,
                "-H",
                "Content-Type: application/json",
                "-d",
                $$"""{"magnet":"{{magnet}}"}""",
                "http://127.0.0.1:4444/api/routes/multimedia/torrent"
            );
            Assert.That(added, Is.Not.Null, daemon.Output);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    private static Task<string?> CurlAsync(
        TwoNats network,
        string space,
        CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments
    )
    {
        return network.Spaces.TryRunAsync(
            space,
            "curl",
            cancellationToken,
            ["-sf", "-m", "10", "-u", $"admin:{DaemonConfig.Password}", .. arguments]
        );
    }
}
