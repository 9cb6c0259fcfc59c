using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>µTP with programs that we did not write. Our side has no TCP, and libtorrent's neither.</summary>
internal sealed class UtpTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 20_000_001, ["a.srt"] = 4_321 };

    [TestCase("libtorrent over utp")]
    [TestCase("transmission over utp")]
    [CancelAfter(120_000)]
    public async Task Files_are_read_byte_for_byte(string program, CancellationToken cancellationToken)
    {
        Peers.Need(program);
        Tracker.Need();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var content = await Content.MakeAsync(folder, $"Show {program}", Files, 128, tracker.Http, cancellationToken);
        await tracker.StartAsync(content, cancellationToken);
        await using var seeder = await Peers.StartAsync(program, content.Torrent, content.Folder, tracker.Http, folder, cancellationToken);
        await tracker.KnowsASeederAsync(content, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: "disable_tcp: true");

        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);
        await daemon.ListAsync("/multimedia/", cancellationToken);

        foreach (var path in Files.Keys)
        {
            var read = await daemon.ReadAsync($"/multimedia/{content.Name}/{path}", null, null, cancellationToken);
            var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, path), cancellationToken);
            Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), path);
        }
    }

    [TestCase("libtorrent over utp")]
    [TestCase("transmission over utp")]
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
            torrent: "disable_tcp: true",
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
        await tracker.StartAsync(magnet.InfoHash, cancellationToken);
        var downloads = folder.Make("downloads");
        await using var leecher = await Peers.StartAsync(program, magnet.Link, downloads, tracker.Http, folder, cancellationToken);
        await tracker.KnowsALeecherAsync(magnet.InfoHash, cancellationToken);

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
