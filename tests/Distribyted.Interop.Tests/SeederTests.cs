using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Magnets resolved, and files read byte for byte through WebDAV, from programs that we did not write.</summary>
internal sealed class SeederTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal)
    {
        ["film.mkv"] = 20_000_001,
        ["Subs/English 100%.srt"] = 4_321,
        ["Subs/Français #1.srt"] = 54_321,
        ["extra/a.bin"] = 1,
        ["extra/b.bin"] = 262_144,
    };

    [TestCase("libtorrent", "http")]
    [TestCase("libtorrent", "udp")]
    [TestCase("transmission", "http")]
    [TestCase("transmission", "udp")]
    [TestCase("aria2", "http")]
    [TestCase("aria2", "udp")]
    [TestCase("qbittorrent", "http")]
    [TestCase("qbittorrent", "udp")]
    [CancelAfter(120_000)]
    public async Task A_magnet_is_resolved_and_its_files_are_read_byte_for_byte(
        string program,
        string trackerKind,
        CancellationToken cancellationToken
    )
    {
        Peers.Need(program);
        Tracker.Need();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var address = trackerKind == "udp" ? tracker.Udp : tracker.Http;
        var content = await Content.MakeAsync(folder, $"Show {program}", Files, 128, address, cancellationToken);
        await tracker.StartAsync(content, cancellationToken);
        await using var seeder = await Peers.StartAsync(program, content.Torrent, content.Folder, tracker.Http, folder, cancellationToken);
        await tracker.KnowsASeederAsync(content, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken);

        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);
        var listed = await daemon.ListAsync("/multimedia/", cancellationToken);

        Assert.That(listed, Has.Count.EqualTo(Files.Count), daemon.Output);
        foreach (var (path, length) in Files)
        {
            var mounted = $"/multimedia/{content.Name}/{path}";
            Assert.That(listed[mounted], Is.EqualTo(length), path);
            var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, path), cancellationToken);
            Assert.That(
                Content.Sha256(await daemon.ReadAsync(mounted, null, null, cancellationToken)),
                Is.EqualTo(Content.Sha256(original)),
                path
            );
        }
    }

    [TestCase("libtorrent")]
    [TestCase("transmission")]
    [CancelAfter(120_000)]
    public async Task A_leecher_completes_a_torrent_from_us(string program, CancellationToken cancellationToken)
    {
        Peers.Need(program);
        Tracker.Need();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var shared = folder.Make("shared", "Holiday");
        var bytes = new byte[9_000_000];
        new Random(9).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(shared, "a.bin"), bytes, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(shared, "b.bin"), bytes[..777], cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
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
        await using var leecher = await Peers.StartAsync(program, magnet.Link, downloads, tracker.Http, folder, cancellationToken);
        await tracker.KnowsALeecherAsync(magnet.InfoHash, cancellationToken); // transmission dials no peer on loopback: we dial it

        await daemon.StartAsync(cancellationToken);
        var copy = Path.Combine(downloads, "Holiday", "a.bin");
        await Daemon.WaitForAsync(
            async () =>
                File.Exists(copy)
                && new FileInfo(copy).Length == bytes.Length
                && Content.Sha256(await File.ReadAllBytesAsync(copy, cancellationToken)) == Content.Sha256(bytes),
            $"{program} has everything\n{leecher.Output}",
            cancellationToken
        );
    }
}
