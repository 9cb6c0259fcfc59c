using Distribyted.Routes.Catalog;
using Distribyted.Routes.Sources;
using Distribyted.Testing;

namespace Distribyted.Routes.Tests.Sources;

/// <summary>A watched folder whose disk is missing: empty, or another one than before.</summary>
internal sealed class EmptyFolderTests
{
    private static readonly FolderFacts Full = new("/w", "/mnt/nas nfs4", IsEmpty: false);
    private static readonly FolderFacts Empty = new("/w", "/ ext4", IsEmpty: true);
    private static readonly FolderFacts Other = new("/w", "/ ext4", IsEmpty: false);
    private static readonly CatalogFolder Then = new("/w", "/mnt/nas nfs4");

    private static readonly object?[] Cases =
    [
        new TestCaseData(Full, Then, 0, true).SetArgDisplayNames("names all"),
        new TestCaseData(Full, Then, 1, true).SetArgDisplayNames("one was deleted"),
        new TestCaseData(Full, null, 5, true).SetArgDisplayNames("seen for the first time"),
        new TestCaseData(Empty, null, 0, true).SetArgDisplayNames("empty and never named any"),
        new TestCaseData(Empty, Then, 1, false).SetArgDisplayNames("empty"),
        new TestCaseData(Empty, null, 1, false).SetArgDisplayNames("empty, known from an older version"),
        new TestCaseData(Empty with { Extent = Then.Extent }, Then, 1, false).SetArgDisplayNames("empty on the same disk"),
        new TestCaseData(Other, Then, 1, false).SetArgDisplayNames("another disk"),
        new TestCaseData(Other, Then, 0, true).SetArgDisplayNames("another disk with everything"),
        new TestCaseData(Other, Then with { Path = "/former" }, 1, true).SetArgDisplayNames("another folder was configured"),
    ];

    [TestCaseSource(nameof(Cases))]
    public void The_word_of_a_folder_counts_unless_its_disk_may_be_missing(object now, object? then, int missing, bool counts)
    {
        Assert.That(FolderTrust.WhyNot((FolderFacts)now, (CatalogFolder?)then, missing), counts ? Is.Null : Is.Not.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_mount_point_without_its_disk_takes_no_torrent_with_it_at_start(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Write("watched/sub/a.torrent", Rows.TorrentFile("one", ("", 5)));
        folder.Write("watched/b.torrent", Rows.TorrentFile("two", ("", 6)));
        var route = new ConfiguredRoute("r", [], folder.At("watched"), "yaml:1");
        await using var library = await TestLibrary.StartAsync(route);
        await RunAsync(library, route, new RecordingLog(), () => Count(library) == 2, cancellationToken);

        Directory.Move(folder.At("watched"), folder.At("disk"));
        folder.Make("watched");
        var log = new RecordingLog();
        await using var restarted = await library.RestartAsync(route);
        await RunAsync(
            restarted,
            route,
            log,
            () => log.Lines.Any(l => l.Contains("counts as not mounted", StringComparison.Ordinal)),
            cancellationToken
        );
        Assert.That(Count(restarted), Is.EqualTo(2));
        Assert.That(restarted.Session.Find(Hash(restarted, "one")), Is.Not.Null);

        Directory.Delete(folder.At("watched"));
        Directory.Move(folder.At("disk"), folder.At("watched"));
        File.Delete(folder.At("watched/b.torrent"));
        await using var third = await restarted.RestartAsync(route);
        await RunAsync(third, route, new RecordingLog(), () => Count(third) == 1, cancellationToken);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_becomes_empty_keeps_its_torrents_until_a_user_removes_them(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Write("watched/a.torrent", Rows.TorrentFile("one", ("", 5)));
        var route = new ConfiguredRoute("r", [], folder.At("watched"), "yaml:1");
        await using var library = await TestLibrary.StartAsync(route);
        var log = new RecordingLog();
        await RunAsync(
            library,
            route,
            log,
            async () =>
            {
                await Eventually.TrueAsync(
                    () => Count(library) == 1 && library.Manager.Current.Routes[0].Torrents[0].Where is not null,
                    cancellationToken
                );
                File.Delete(folder.At("watched/a.torrent"));
                await Eventually.TrueAsync(() => library.Manager.Current.Routes[0].Torrents[0].Where is null, cancellationToken);
                Assert.That(log.Lines, Has.Some.Contains("counts as not mounted"));

                var removed = await library.Manager.RemoveAsync("r", Hash(library, "one"), true, cancellationToken);
                Assert.That(removed.Succeeded);
            },
            cancellationToken
        );
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task What_lies_on_another_disk_adds_and_takes_nothing_away(CancellationToken cancellationToken)
    {
        const string otherDisk = "/dev/shm";
        using var folder = new TempFolder();
        if (!Directory.Exists(otherDisk) || FolderExtent.Of(otherDisk, []) == FolderExtent.Of(folder.Path, []))
        {
            Assert.Ignore("There is no second disk here.");
        }

        var other = Directory.CreateDirectory(Path.Combine(otherDisk, "distribyted-" + Path.GetFileName(folder.Path))).FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(other, "a.torrent"), Rows.TorrentFile("one", ("", 5)), cancellationToken);
            folder.Write("under/stray.torrent", Rows.TorrentFile("stray", ("", 6)));
            Directory.CreateSymbolicLink(folder.At("watched"), other);
            var route = new ConfiguredRoute("r", [], folder.At("watched"), "yaml:1");
            await using var library = await TestLibrary.StartAsync(route);
            await RunAsync(library, route, new RecordingLog(), () => Count(library) == 1, cancellationToken);

            Directory.Delete(folder.At("watched"));
            Directory.CreateSymbolicLink(folder.At("watched"), folder.At("under"));
            await using var restarted = await library.RestartAsync(route);
            await RunAsync(restarted, route, new RecordingLog(), () => Count(restarted) == 2, cancellationToken);
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_in_it_that_can_no_longer_be_read_takes_nothing_away(CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            Assert.Ignore("Root may read everything.");
            return;
        }

        using var folder = new TempFolder();
        folder.Write("watched/a.torrent", Rows.TorrentFile("one", ("", 5)));
        folder.Write("watched/sub/b.torrent", Rows.TorrentFile("two", ("", 6)));
        var route = new ConfiguredRoute("r", [], folder.At("watched"), "yaml:1");
        await using var library = await TestLibrary.StartAsync(route);
        await RunAsync(library, route, new RecordingLog(), () => Count(library) == 2, cancellationToken);

        File.SetUnixFileMode(folder.At("watched/sub"), UnixFileMode.None);
        try
        {
            var log = new RecordingLog();
            await using var restarted = await library.RestartAsync(route);
            await RunAsync(
                restarted,
                route,
                log,
                () => log.Lines.Any(l => l.Contains("cannot be read", StringComparison.Ordinal)),
                cancellationToken
            );
            Assert.That(Count(restarted), Is.EqualTo(2));
        }
        finally
        {
            File.SetUnixFileMode(folder.At("watched/sub"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static int Count(TestLibrary library)
    {
        return library.Manager.Current.Routes.Sum(r => r.Torrents.Count);
    }

    private static BitTorrent.Protocol.InfoHash Hash(TestLibrary library, string name)
    {
        return library.Manager.Current.Routes.SelectMany(r => r.Torrents).Single(t => t.Name == name).InfoHash;
    }

    private static Task RunAsync(
        TestLibrary library,
        ConfiguredRoute route,
        RecordingLog log,
        Func<bool> until,
        CancellationToken cancellationToken
    )
    {
        return RunAsync(library, route, log, () => Eventually.TrueAsync(until, cancellationToken), cancellationToken);
    }

    private static async Task RunAsync(
        TestLibrary library,
        ConfiguredRoute route,
        RecordingLog log,
        Func<Task> body,
        CancellationToken cancellationToken
    )
    {
        var source = new FolderSource(route.Name, route.TorrentFolder!, route.Where, TimeProvider.System, log);
        var reconciler = new SourceReconciler(library.Manager.Store, library.Manager.Adder, [source], TimeProvider.System, log);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = reconciler.RunAsync(end.Token);
        await body();
        await end.CancelAsync();
        await running;
    }
}
