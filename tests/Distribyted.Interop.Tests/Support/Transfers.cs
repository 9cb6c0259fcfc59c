namespace Distribyted.Interop.Tests.Support;

/// <summary>What is done with many programs and in many ways: reading from a seeder, and giving a shared folder to a leecher.</summary>
internal static class Transfers
{
    /// <summary>Adds a magnet whose only source is a program, and reads every file through WebDAV.</summary>
    /// <param name="program">The seeder: <see cref="Peers"/>.</param>
    /// <param name="files">The content: paths and lengths.</param>
    /// <param name="torrent">Further lines of our <c>torrent:</c> section.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    /// <param name="encryption">What the seeder insists on; empty: nothing.</param>
    /// <param name="trackerKind">How we ask the tracker: http or udp.</param>
    public static async Task ReadFromAsync(
        string program,
        IReadOnlyDictionary<string, long> files,
        string torrent,
        CancellationToken cancellationToken,
        string encryption = "",
        string trackerKind = "http"
    )
    {
        Peers.Need(program);
        Tracker.Need();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var address = trackerKind == "udp" ? tracker.Udp : tracker.Http;
        var content = await Content.MakeAsync(folder, $"Show {program}", files, 128, address, cancellationToken);
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
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: torrent);

        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);
        var listed = await daemon.ListAsync("/multimedia/", cancellationToken);

        Assert.That(listed, Has.Count.EqualTo(files.Count), daemon.Output);
        foreach (var (path, length) in files)
        {
            var mounted = $"/multimedia/{content.Name}/{path}";
            Assert.That(listed[mounted], Is.EqualTo(length), path);
            var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, path), cancellationToken);
            var read = await daemon.ReadAsync(mounted, null, null, cancellationToken);
            Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), path);
        }
    }

    /// <summary>Shares a folder with a program, which we find by the tracker and dial: transmission dials no peer on loopback.</summary>
    /// <param name="program">The leecher: <see cref="Peers"/>.</param>
    /// <param name="torrent">Further lines of our <c>torrent:</c> section.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    /// <param name="encryption">What the leecher insists on; empty: nothing.</param>
    public static async Task GiveToAsync(string program, string torrent, CancellationToken cancellationToken, string encryption = "")
    {
        Peers.Need(program);
        Tracker.Need();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var (bytes, section) = await ShareAsync(folder, tracker.Http, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: torrent, more: section);
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        await daemon.StopAsync(cancellationToken);
        await tracker.StartAsync(magnet.InfoHash, cancellationToken); // it is told its torrents when it starts
        var downloads = folder.Make("downloads");
        await using var leecher = await Peers.StartAsync(
            program,
            magnet.Link,
            downloads,
            tracker.Http,
            folder,
            cancellationToken,
            encryption
        );
        await tracker.KnowsALeecherAsync(magnet.InfoHash, cancellationToken);

        await daemon.StartAsync(cancellationToken);

        await HasAllAsync(downloads, bytes, leecher, cancellationToken);
    }

    /// <summary>Makes a folder to share, Holiday with <c>a.bin</c> and <c>b.bin</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="tracker">Where it is announced; empty: nowhere.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    /// <returns>The bytes of <c>a.bin</c>, and the section of the configuration.</returns>
    public static async Task<(byte[] Bytes, string Section)> ShareAsync(
        TempFolder folder,
        string tracker,
        CancellationToken cancellationToken
    )
    {
        var shared = folder.Make("shared", "Holiday");
        var bytes = new byte[5_000_000];
        new Random(9).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(shared, "a.bin"), bytes, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(shared, "b.bin"), bytes[..777], cancellationToken);
        var trackers = tracker.Length > 0 ? $"[\"{tracker}\"]" : "[]";
        return (
            bytes,
            $"""
            servers:
              - name: holiday
                path: {shared}
                trackers: {trackers}
                watcher_interval: 1
            """
        );
    }

    /// <summary>Waits until a leecher has what was shared.</summary>
    public static Task HasAllAsync(string downloads, byte[] bytes, RunningProgram leecher, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(downloads, "Holiday", "a.bin");
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
