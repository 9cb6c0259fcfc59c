using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Message Stream Encryption with programs that take no connection without it, both ways and with both payloads.</summary>
internal sealed class EncryptionTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 9_000_001, ["b.bin"] = 777 };

    [TestCase("libtorrent", "rc4", "prefer")]
    [TestCase("libtorrent", "plaintext", "prefer")]
    [TestCase("libtorrent", "both", "prefer")]
    [TestCase("libtorrent", "rc4", "require")]
    [TestCase("libtorrent", "both", "require")]
    [TestCase("libtorrent", "", "require")]
    [TestCase("transmission", "both", "prefer")]
    [TestCase("transmission", "both", "require")]
    [TestCase("transmission", "", "require")]
    [TestCase("aria2", "rc4", "prefer")]
    [TestCase("aria2", "plaintext", "prefer")]
    [TestCase("aria2", "rc4", "require")]
    [TestCase("qbittorrent", "both", "prefer")]
    [TestCase("qbittorrent", "both", "require")]
    [CancelAfter(120_000)]
    public async Task Files_are_read_from_a_seeder_that_insists_on_it(
        string program,
        string encryption,
        string ours,
        CancellationToken cancellationToken
    )
    {
        Peers.Need(program);
        Tracker.Need();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var content = await Content.MakeAsync(folder, $"Show {program}", Files, 128, tracker.Http, cancellationToken);
        await tracker.StartAsync(content, cancellationToken);
        await using var seeder = await Peers.StartAsync(
            program,
            content.Torrent,
            content.Folder,
            tracker.Http,
            folder,
            cancellationToken,
            encryption
        );
        await tracker.KnowsASeederAsync(content, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: $"encryption: {ours}");

        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);

        foreach (var path in Files.Keys)
        {
            var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, path), cancellationToken);
            var read = await daemon.ReadAsync($"/multimedia/{content.Name}/{path}", null, null, cancellationToken);
            Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), path);
        }
    }

    [TestCase("rc4", "prefer")]
    [TestCase("plaintext", "prefer")]
    [TestCase("both", "prefer")]
    [TestCase("rc4", "require")]
    [TestCase("both", "require")]
    [TestCase("", "require")]
    [TestCase("", "disable")]
    [CancelAfter(120_000)]
    public async Task A_leecher_that_dials_us_completes(string encryption, string ours, CancellationToken cancellationToken)
    {
        Peers.Need("libtorrent");
        using var folder = new TempFolder();
        var (bytes, shared) = await ShareAsync(folder, cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: $"encryption: {ours}",
            more: $"""
            servers:
              - name: holiday
                path: {shared}
                trackers: []
                watcher_interval: 1
            """
        );
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        var downloads = folder.Make("downloads");
        await using var leecher = await Peers.LibtorrentAsync(
            magnet.Link,
            downloads,
            cancellationToken,
            encryption,
            $"127.0.0.1:{daemon.PeerPort}"
        );

        await HasAsync(Path.Combine(downloads, "Holiday", "a.bin"), bytes, leecher, cancellationToken);
    }

    [Test, CancelAfter(120_000)]
    public async Task A_leecher_that_we_dial_completes(CancellationToken cancellationToken)
    {
        Peers.Need("transmission"); // it dials no peer on loopback: we dial it
        Tracker.Need();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var (bytes, shared) = await ShareAsync(folder, cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: "encryption: require",
            more: $"""
            servers:
              - name: holiday
                path: {shared}
                trackers: ["{tracker.Http}"]
                watcher_interval: 1
            """
        );
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        await daemon.StopAsync(cancellationToken);
        await tracker.StartAsync(magnet.InfoHash, cancellationToken); // it is told its torrents when it starts
        var downloads = folder.Make("downloads");
        await using var leecher = await Peers.StartAsync(
            "transmission",
            magnet.Link,
            downloads,
            tracker.Http,
            folder,
            cancellationToken,
            "both"
        );
        await tracker.KnowsALeecherAsync(magnet.InfoHash, cancellationToken);

        await daemon.StartAsync(cancellationToken);

        await HasAsync(Path.Combine(downloads, "Holiday", "a.bin"), bytes, leecher, cancellationToken);
    }

    private static async Task<(byte[] Bytes, string Folder)> ShareAsync(TempFolder folder, CancellationToken cancellationToken)
    {
        var shared = folder.Make("shared", "Holiday");
        var bytes = new byte[5_000_000];
        new Random(9).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(shared, "a.bin"), bytes, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(shared, "b.bin"), bytes[..777], cancellationToken);
        return (bytes, shared);
    }

    private static Task HasAsync(string copy, byte[] bytes, RunningProgram leecher, CancellationToken cancellationToken)
    {
        return Daemon.WaitForAsync(
            async () =>
                File.Exists(copy)
                && new FileInfo(copy).Length == bytes.Length
                && Content.Sha256(await File.ReadAllBytesAsync(copy, cancellationToken)) == Content.Sha256(bytes),
            $"the leecher has everything\n{leecher.Output}",
            cancellationToken
        );
    }
}
