using System.Globalization;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>The DHT with twenty nodes of libtorrent, over one address family only, without a tracker or any other way to find peers.</summary>
internal sealed class DhtTests
{
    private const int Nodes = 20;

    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 3_000_001 };

    [TestCase("ipv4", "127.0.0.1", "'127.0.1.1:{0}', '127.0.1.7:{0}'"), CancelAfter(120_000)]
    [TestCase("ipv6", "::1", "'[::1]:{0}'")]
    public async Task A_bare_magnet_is_resolved_and_its_file_is_read(
        string family,
        string bind,
        string hosts,
        CancellationToken cancellationToken
    )
    {
        Programs.NeedLibtorrent();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        var content = await Content.MakeAsync(folder, "Film", Files, 64, "http://127.0.0.1:1/announce", cancellationToken);
        var port = Ports.Free();
        await using var nodes = Start(family, port, "-", "seed", content.Torrent, content.Folder);
        await WaitForAsync(nodes, static output => output.Contains("seeding", StringComparison.Ordinal), cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            $"dht_bootstrap: [{string.Format(CultureInfo.InvariantCulture, hosts, port)}]",
            dht: true,
            bind: bind
        );

        await daemon.AddAsync("multimedia", $"magnet:?xt=urn:btih:{content.InfoHash}", cancellationToken);
        await Daemon.WaitForAsync(
            async () => (await daemon.ListAsync("/multimedia/", cancellationToken)).Count == Files.Count,
            $"the metadata is there\n{daemon.Output}\n{nodes.Output}",
            cancellationToken
        );

        var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, "film.mkv"), cancellationToken);
        var read = await daemon.ReadAsync("/multimedia/Film/film.mkv", null, null, cancellationToken);
        Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)));
    }

    [TestCase("ipv4", "127.0.0.1", "127.0.1.1"), CancelAfter(120_000)]
    [TestCase("ipv6", "[::1]", "[::1]")]
    public async Task Libtorrent_finds_us_and_downloads(string family, string own, string other, CancellationToken cancellationToken)
    {
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        var shared = folder.Make("shared", "Holiday");
        var bytes = new byte[3_000_000];
        new Random(9).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(shared, "a.bin"), bytes, cancellationToken);
        var port = Ports.Free();
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            $"dht_bootstrap: ['{other}:{port}']",
            $"""
            servers:
              - name: holiday
                path: {shared}
                trackers: []
                watcher_interval: 1
            """,
            dht: true,
            bind: own.Trim('[', ']')
        );
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        var downloads = folder.Make("downloads");

        await using var nodes = Start(
            family,
            port,
            $"{own}:{daemon.PeerPort}",
            "leech",
            $"magnet:?xt=urn:btih:{magnet.InfoHash}",
            downloads
        );

        var copy = Path.Combine(downloads, "Holiday", "a.bin");
        await WaitForAsync(nodes, static output => output.Contains("seeding", StringComparison.Ordinal), cancellationToken);
        Assert.That(Content.Sha256(await File.ReadAllBytesAsync(copy, cancellationToken)), Is.EqualTo(Content.Sha256(bytes)));
    }

    private static RunningProgram Start(string family, int port, string other, string role, string torrent, string folder)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_dht.py");
        var (count, number) = (Nodes.ToString(CultureInfo.InvariantCulture), port.ToString(CultureInfo.InvariantCulture));
        return RunningProgram.Start("/usr/bin/python3", ["-W", "ignore", script, count, family, number, other, role, torrent, folder]);
    }

    private static Task WaitForAsync(RunningProgram program, Func<string, bool> condition, CancellationToken cancellationToken)
    {
        return Daemon.WaitForAsync(
            () => Task.FromResult(program.HasExited || condition(program.Output)),
            $"libtorrent is ready\n{program.Output}",
            cancellationToken
        );
    }
}
