using System.IO.Compression;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>The mount as a folder of the system (davfs2): what users do with a file manager and a shell.</summary>
internal sealed class MountTests
{
    [Test, CancelAfter(120_000)]
    public async Task Davfs2_lists_copies_adds_moves_and_removes(CancellationToken cancellationToken)
    {
        Programs.Need("mount.davfs", "umount", "transmission-create");
        Programs.NeedLibtorrent();
        Tracker.Need();
        Programs.NeedFuse();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var show = await Content.MakeAsync(
            folder,
            "Show (2024)",
            new Dictionary<string, long>(StringComparer.Ordinal)
            {
                ["Season 1/e01 100%.mkv"] = 3_000_001,
                ["Season 1/e02 é.mkv"] = 700_000,
                ["cover #1.jpg"] = 54_321,
            },
            64,
            tracker.Http,
            cancellationToken
        );
        var film = await Content.MakeAsync(
            folder,
            "Spare Film.mkv",
            new Dictionary<string, long>(StringComparer.Ordinal) { [""] = 1_234_567 },
            64,
            tracker.Http,
            cancellationToken
        );
        await tracker.StartAsync(show, cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(show.Torrent, show.Folder, cancellationToken);
        await tracker.KnowsASeederAsync(show, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken);
        await daemon.AddAsync("multimedia", show.Magnet, cancellationToken);
        await using var mount = await DavMount.MountAsync(daemon, folder, cancellationToken);

        // ls -lR
        var listed = await ShellAsync($"ls -lR '{mount.Path}'", cancellationToken);
        Assert.That(listed, Does.Contain("3000001").And.Contain("e01 100%.mkv").And.Contain("e02 é.mkv").And.Contain("cover #1.jpg"));

        // cp -r, md5sum
        var copy = folder.At("copy");
        await ShellAsync($"cp -r '{mount.Path}/multimedia/Show (2024)' '{copy}'", cancellationToken);
        await ShellAsync($"diff -r '{copy}' '{show.Root}'", cancellationToken);
        await ShellAsync(
            $"cd '{show.Root}' && find . -type f -exec md5sum {{}} + > '{folder.At("sums")}' && cd '{mount.Path}/multimedia/Show (2024)' && md5sum --quiet -c '{folder.At("sums")}'",
            cancellationToken
        );

        // A new route; a torrent dropped into it; moved to another one; removed.
        await ShellAsync($"mkdir '{mount.Path}/films'", cancellationToken);
        await ShellAsync($"cp '{film.Torrent}' '{mount.Path}/films/spare.torrent'", cancellationToken);
        await mount.SeesAsync("films/Spare Film.mkv", true, cancellationToken);
        Assert.That(await daemon.ListAsync("/films/", cancellationToken), Does.ContainKey("/films/Spare Film.mkv"));
        await ShellAsync($"mv '{mount.Path}/films/Spare Film.mkv' '{mount.Path}/multimedia/Renamed.mkv'", cancellationToken);
        Assert.That(await daemon.ListAsync("/multimedia/", cancellationToken), Does.ContainKey("/multimedia/Renamed.mkv"));
        await ShellAsync($"mv '{mount.Path}/multimedia/Show (2024)' '{mount.Path}/films/'", cancellationToken);
        Assert.That(await daemon.ListAsync("/films/", cancellationToken), Does.ContainKey("/films/Show (2024)/cover #1.jpg"));
        await ShellAsync($"rm '{mount.Path}/multimedia/Renamed.mkv'", cancellationToken);
        Assert.That(await daemon.ListAsync("/multimedia/", cancellationToken), Is.Empty);

        // What is inside a torrent stays as it is.
        var refused = await ShellAsync(
            $"mv '{mount.Path}/films/Show (2024)/cover #1.jpg' '{mount.Path}/films/Show (2024)/other.jpg'",
            cancellationToken,
            fails: true
        );
        Assert.That(refused, Does.Contain("mv:"));
        Assert.That(await daemon.ListAsync("/films/", cancellationToken), Does.ContainKey("/films/Show (2024)/cover #1.jpg"));
    }

    [TestCase("davfs2")]
    [TestCase("rclone")]
    [CancelAfter(180_000)]
    public async Task Rm_r_removes_a_torrent_and_rm_of_one_file_does_not(string program, CancellationToken cancellationToken)
    {
        Programs.Need(program == "rclone" ? ["rclone", "fusermount3"] : ["mount.davfs"]);
        Programs.Need("umount", "transmission-create");
        Programs.NeedFuse();
        using var folder = new TempFolder();
        var files = new Dictionary<string, long>(StringComparer.Ordinal) { ["cover #1.jpg"] = 54_321 };
        for (var i = 0; i < 30; i++)
        {
            files[$"Season {i / 10}/e{i:00} 100%.mkv"] = 10_000 + i;
        }

        var show = await Content.MakeAsync(folder, "Show (2024)", files, 64, "http://127.0.0.1:1/announce", cancellationToken);
        var other = await Content.MakeAsync(
            folder,
            "Other",
            new Dictionary<string, long>(StringComparer.Ordinal) { ["a.mkv"] = 1000, ["b.mkv"] = 1000 },
            64,
            "http://127.0.0.1:1/announce",
            cancellationToken
        );
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken);
        DavMount? davfs2 = null;
        RcloneMount? rclone = null;
        var path = program switch
        {
            "rclone" => (rclone = await RcloneMount.MountAsync(daemon, folder, cancellationToken)).Path,
            _ => (davfs2 = await DavMount.MountAsync(daemon, folder, cancellationToken)).Path,
        };
        await using var first = davfs2;
        await using var second = rclone;
        await ShellAsync(
            $"mkdir '{path}/films' && cp '{show.Torrent}' '{path}/films/show.torrent' && cp '{other.Torrent}' '{path}/films/other.torrent'",
            cancellationToken
        );
        await Daemon.WaitForAsync(
            () => Task.FromResult(File.Exists($"{path}/films/Show (2024)/cover #1.jpg") && File.Exists($"{path}/films/Other/b.mkv")),
            "both are there",
            cancellationToken
        );

        await ShellAsync($"rm '{path}/films/Other/a.mkv'", cancellationToken);
        await ShellAsync($"rm -r '{path}/films/Show (2024)'", cancellationToken);

        Assert.That(Path.Exists($"{path}/films/Show (2024)"), Is.False);
        var left = await daemon.ListAsync("/films/", cancellationToken);
        Assert.That(left.Keys, Has.None.Contains("Show (2024)"));
        Assert.That(left, Does.ContainKey("/films/Other/b.mkv"));
        if (Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_LONG") == "1")
        {
            await Daemon.WaitForAsync(
                async () => (await daemon.ListAsync("/films/", cancellationToken)).ContainsKey("/films/Other/a.mkv"),
                "the one deleted file is there again",
                cancellationToken
            );
        }
    }

    [TestCase("davfs2")]
    [TestCase("rclone")]
    [TestCase("rclone purge")]
    [TestCase("rclone delete")]
    [CancelAfter(180_000)]
    public async Task A_torrent_with_archives_is_removed(string program, CancellationToken cancellationToken)
    {
        Programs.Need(program == "davfs2" ? ["mount.davfs", "umount"] : ["rclone", "fusermount3", "umount"]);
        Programs.Need("transmission-create");
        Programs.NeedLibtorrent();
        Tracker.Need();
        Programs.NeedFuse();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var root = folder.Make(Path.Combine("content", "Set"));
        foreach (var name in (string[])["a.zip", "sub/b.cbz"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, name))!);
            using var zip = ZipFile.Open(Path.Combine(root, name), ZipArchiveMode.Create);
            for (var i = 0; i < 5; i++)
            {
                using var entry = zip.CreateEntry($"pages/{i:00}.txt", CompressionLevel.NoCompression).Open();
                entry.Write(new byte[1000]);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(root, "readme.txt"), "hello", cancellationToken);
        var set = await Content.OfAsync(folder, root, 64, tracker.Http, cancellationToken);
        await tracker.StartAsync(set, cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(set.Torrent, set.Folder, cancellationToken);
        await tracker.KnowsASeederAsync(set, cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken);
        await daemon.AddAsync("films", set.Magnet, cancellationToken);
        foreach (var pages in (string[])["/films/Set/a.zip!/pages/", "/films/Set/sub/b.cbz!/pages/"])
        {
            await Daemon.WaitForAsync(
                async () => (await daemon.ListAsync(pages, cancellationToken)).ContainsKey(pages + "04.txt"),
                "the list of entries is there",
                cancellationToken
            );
        }

        if (program.StartsWith("rclone ", StringComparison.Ordinal))
        {
            var secret = (await RunningProgram.RunAsync("rclone", ["obscure", daemon.Secret], cancellationToken)).Trim();
            string[] remote = ["--webdav-url", daemon.DavRoot.ToString(), "--webdav-user", daemon.User, "--webdav-pass", secret];
            await RunningProgram.RunAsync(
                "rclone",
                [program.Split(' ')[1], ":webdav:films/Set", "--config", "/dev/null", .. remote],
                cancellationToken
            );
        }
        else
        {
            await using var davfs2 = program == "davfs2" ? await DavMount.MountAsync(daemon, folder, cancellationToken) : null;
            await using var rclone = program == "rclone" ? await RcloneMount.MountAsync(daemon, folder, cancellationToken) : null;
            await ShellAsync($"rm -r '{davfs2?.Path ?? rclone!.Path}/films/Set'", cancellationToken);
        }

        await Daemon.WaitForAsync(
            async () =>
                !(await daemon.ListAsync("/films/", cancellationToken)).Keys.Any(path => path.Contains("Set", StringComparison.Ordinal)),
            "it is gone",
            cancellationToken
        );
    }

    [Test, CancelAfter(900_000)]
    public async Task Rclone_copies_a_tree_larger_than_the_cache_exactly(CancellationToken cancellationToken)
    {
        Programs.Need("rclone", "transmission-create");
        Programs.NeedLibtorrent();
        Tracker.Need();
        var mebibytes = Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_LONG") == "1" ? 2048 : 128;
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < 40; i++)
        {
            files[$"season {i / 10}/episode {i:00} [x264] #{i}.mkv"] = ((long)mebibytes << 20) / 41;
            files[$"season {i / 10}/subs/{i:00} ünïcode & more.srt"] = 1 + (i * 1_777);
        }

        var tree = await Content.MakeAsync(folder, "Tree", files, 1024, tracker.Http, cancellationToken);
        await tracker.StartAsync(tree, cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(tree.Torrent, tree.Folder, cancellationToken);
        await tracker.KnowsASeederAsync(tree, cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: $"global_cache_size: {Math.Max(64, mebibytes / 4)}"
        );
        await daemon.AddAsync("multimedia", tree.Magnet, cancellationToken);
        var secret = (await RunningProgram.RunAsync("rclone", ["obscure", daemon.Secret], cancellationToken)).Trim();
        string[] remote =
        [
            "--config",
            "/dev/null",
            "--webdav-url",
            daemon.DavRoot.ToString(),
            "--webdav-user",
            daemon.User,
            "--webdav-pass",
            secret,
        ];
        var copy = folder.Make("copy");

        await RunningProgram.RunAsync("rclone", ["copy", ":webdav:multimedia/Tree", copy, .. remote], cancellationToken);
        await RunningProgram.RunAsync("rclone", ["check", "--download", ":webdav:multimedia/Tree", copy, .. remote], cancellationToken);

        await ShellAsync($"diff -r '{copy}' '{tree.Root}'", cancellationToken);
    }

    private static async Task<string> ShellAsync(string line, CancellationToken cancellationToken, bool fails = false)
    {
        await using var shell = RunningProgram.Start("/bin/sh", ["-c", line]);
        await shell.WaitForExitAsync(cancellationToken);
        Assert.That(shell.ExitCode, fails ? Is.Not.Zero : Is.Zero, $"{line}\n{shell.Output}");
        return shell.Output;
    }
}
