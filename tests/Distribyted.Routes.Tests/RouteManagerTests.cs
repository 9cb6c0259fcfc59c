using System.Diagnostics;
using System.Runtime.CompilerServices;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests;

internal sealed class RouteManagerTests
{
    [Test]
    public async Task Two_torrents_of_one_name_are_both_there_and_keep_their_names_over_restarts()
    {
        await using var library = await TestLibrary.StartAsync();
        var (first, second) = (Rows.TorrentFile("Film.mkv", ("", 10)), Rows.TorrentFile("Film.mkv", ("", 20)));
        await AddAsync(library, "r", first);
        await AddAsync(library, "r", second);
        var suffixed = $"Film [{Rows.HashOf(second).ToString()[..8]}].mkv";
        Assert.That(await library.ListAsync("/r"), Is.EqualTo($"{suffixed} Film.mkv"));

        await library.Manager.RemoveAsync("r", Rows.HashOf(first), true, CancellationToken.None);
        await using var restarted = await library.RestartAsync();

        Assert.That(await restarted.ListAsync("/r"), Is.EqualTo(suffixed));
        Assert.That((await restarted.FindAsync("/r/" + suffixed))!.Length, Is.EqualTo(20));
    }

    [Test]
    public async Task Metadata_that_a_crash_left_without_a_torrent_is_gone_after_the_next_start()
    {
        await using var library = await TestLibrary.StartAsync();
        var film = Rows.TorrentFile("Film.mkv", ("", 10));
        await AddAsync(library, "r", film);
        Assert.That(ParsedTorrent.TryReadFile(Rows.TorrentFile("Never told.mkv", ("", 20)), out var stray, out _));
        await library.Session.AddAsync(stray!.Source, CancellationToken.None); // and then, before the catalog has it, kill -9
        Assert.That(Metadata(library), Has.Length.EqualTo(2));

        await using var restarted = await library.RestartAsync();

        Assert.That(Metadata(restarted).Single(), Does.Contain(Rows.HashOf(film).ToString()));
        Assert.That(await restarted.ListAsync("/r"), Is.EqualTo("Film.mkv"));

        static string[] Metadata(TestLibrary library)
        {
            return Directory.GetFiles(Path.Combine(library.Options.MetadataFolder, "metainfo"));
        }
    }

    [Test]
    public async Task Sizes_times_and_tags_are_the_same_after_a_restart()
    {
        await using var library = await TestLibrary.StartAsync();
        await AddAsync(library, "r", Rows.TorrentFile("Show", ("a/b.mkv", 10), ("c", 0)));
        string[] paths = ["/r/Show", "/r/Show/a", "/r/Show/a/b.mkv", "/r/Show/c"];
        var before = await Task.WhenAll(paths.Select(library.FindAsync));

        library.Time.Advance(TimeSpan.FromDays(1));
        await using var restarted = await library.RestartAsync();

        Assert.That(await Task.WhenAll(paths.Select(restarted.FindAsync)), Is.EqualTo(before));
        Assert.That(before, Has.None.Null);
    }

    [Test]
    public async Task The_same_torrent_again_is_done_and_a_magnet_waits_until_its_file_comes()
    {
        await using var library = await TestLibrary.StartAsync();
        var file = Rows.TorrentFile("Film.mkv", ("", 10));
        var hash = Rows.HashOf(file);
        var magnet = new Addition($"magnet:?xt=urn:btih:{hash}&dn=wait", default, Origins.Api);

        var (result, torrent) = await library.Manager.AddAsync("new/route", magnet, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That(torrent, Is.Not.Null);
        Assert.That((torrent!.IsPending, torrent.Name, torrent.Length), Is.EqualTo((true, "wait", 0L)));
        Assert.That(await library.ListAsync("/new/route"), Is.Empty);

        var waiting = library.Manager.MetadataAsync("new/route", hash, CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);
        Assert.That(
            (await library.Manager.AddAsync("new/route", magnet, CancellationToken.None)).Result.Outcome,
            Is.EqualTo(WriteOutcome.Done)
        );
        await AddAsync(library, "new/route", file);

        Assert.That(await waiting, Is.True);
        Assert.That(await library.ListAsync("/new/route"), Is.EqualTo("Film.mkv"));
    }

    [Test]
    public async Task Waiting_for_metadata_ends_when_the_torrent_is_removed()
    {
        await using var library = await TestLibrary.StartAsync();
        await library.Manager.AddAsync("r", new Addition(Rows.Magnet("dead"), default, Origins.Api), CancellationToken.None);
        var waiting = library.Manager.MetadataAsync("r", Rows.Hash("dead"), CancellationToken.None);

        await library.Manager.RemoveAsync("r", Rows.Hash("dead"), true, CancellationToken.None);

        Assert.That(await waiting, Is.False);
    }

    [Test]
    public async Task One_torrent_in_two_routes_is_removed_only_from_the_one_asked()
    {
        await using var library = await TestLibrary.StartAsync();
        var file = Rows.TorrentFile("Film.mkv", ("", 10));
        await AddAsync(library, "a", file);
        await AddAsync(library, "b", file);

        await library.Manager.RemoveAsync("a", Rows.HashOf(file), true, CancellationToken.None);
        Assert.That(await library.ListAsync("/b"), Is.EqualTo("Film.mkv"));
        Assert.That(library.Session.Find(Rows.HashOf(file)), Is.Not.Null);

        await library.Manager.RemoveAsync("b", Rows.HashOf(file), true, CancellationToken.None);
        Assert.That(library.Session.Find(Rows.HashOf(file)), Is.Null);
    }

    [Test]
    public async Task A_library_is_published_after_each_change()
    {
        await using var library = await TestLibrary.StartAsync();
        using var end = new CancellationTokenSource();
        await using var seen = library.Manager.WatchAsync(end.Token).GetAsyncEnumerator(end.Token);
        Assert.That(await seen.MoveNextAsync());
        Assert.That(seen.Current.Routes, Is.Empty);

        await ((IWritableFileSystem)library.Manager.Tree).MakeDirectoryAsync(VirtualPath.Parse("/r"), CancellationToken.None);

        Assert.That(await seen.MoveNextAsync());
        Assert.That(seen.Current.Routes.Select(r => r.Name), Is.EqualTo(new[] { "r" }));
        Assert.That(seen.Current, Is.SameAs(library.Manager.Current));
    }

    [Test]
    public async Task What_sources_name_comes_and_goes_and_what_users_added_stays()
    {
        using var folder = new TempFolder();
        await using var library = await TestLibrary.StartAsync(new ConfiguredRoute("r", [], null, "yaml:1"));
        var source = new SetSource();
        var reconciler = new SourceReconciler(
            library.Manager.Store,
            library.Manager.Adder,
            [source],
            TimeProvider.System,
            NullLogger.Instance
        );
        var file = Rows.TorrentFile("Film.mkv", ("", 10));
        var path = folder.Write("a.torrent", file);
        var named = new WantedTorrent("r", Rows.HashOf(file), null, path, Origins.Folder, path);
        var linked = new WantedTorrent("r", Rows.Hash("x"), Rows.Magnet("x"), null, Origins.File, "yaml:3");
        await library.Manager.AddAsync("r", new Addition(Rows.Magnet("mine"), default, Origins.Api), CancellationToken.None);

        await reconciler.ReconcileAsync(source, [named, linked], CancellationToken.None);
        Assert.That(Hashes(library), Is.EquivalentTo(new[] { named.InfoHash, linked.InfoHash, Rows.Hash("mine") }));
        var refusal = await library.Manager.RemoveAsync("r", named.InfoHash, true, CancellationToken.None);
        Assert.That(refusal.Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(refusal.Reason, Does.Contain(path));

        await reconciler.ReconcileAsync(source, [named], CancellationToken.None);
        Assert.That(Hashes(library), Is.EquivalentTo(new[] { named.InfoHash, Rows.Hash("mine") }));

        await library.Manager.AddAsync("r", new Addition(null, file, Origins.Api), CancellationToken.None);
        await reconciler.ReconcileAsync(source, [], CancellationToken.None);
        Assert.That(Hashes(library), Is.EquivalentTo(new[] { named.InfoHash, Rows.Hash("mine") }), "it was added by the API, too");
        Assert.That(
            (await library.Manager.RemoveAsync("r", named.InfoHash, true, CancellationToken.None)).Outcome,
            Is.EqualTo(WriteOutcome.Done)
        );
    }

    [Test]
    public async Task A_source_that_has_not_spoken_yet_loses_nothing()
    {
        await using var library = await TestLibrary.StartAsync();
        library.Store.Routes["r"] = Rows.Route("r", Origins.File);
        library.Store.Torrents[("r", Rows.Hash("late"))] = Rows.Torrent("r", "late", origin: Origins.Folder);
        await using var restarted = await library.RestartAsync(new ConfiguredRoute("r", [], "/late/drive", "yaml:1"));
        var (late, other) = (new SetSource(), new SetSource { IsOfFile = true });
        var reconciler = new SourceReconciler(
            restarted.Manager.Store,
            restarted.Manager.Adder,
            [late, other],
            TimeProvider.System,
            NullLogger.Instance
        );

        await reconciler.ReconcileAsync(other, [], CancellationToken.None);
        Assert.That(Hashes(restarted), Is.EqualTo(new[] { Rows.Hash("late") }));

        await reconciler.ReconcileAsync(late, [], CancellationToken.None);
        Assert.That(Hashes(restarted), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true, Description = "links of the file: they are lists once")]
    [CancelAfter(30_000)]
    public async Task What_a_source_names_while_the_disk_is_full_comes_as_soon_as_there_is_space(
        bool saysNoMore,
        CancellationToken cancellationToken
    )
    {
        await using var library = await TestLibrary.StartAsync(new ConfiguredRoute("r", [], null, "yaml:1"));
        var time = new FakeTimeProvider();
        var source = new SetSource
        {
            SaysNoMore = saysNoMore,
            Says = [new WantedTorrent("r", Rows.Hash("x"), Rows.Magnet("x"), null, Origins.File, "yaml:3")],
        };
        var reconciler = new SourceReconciler(library.Manager.Store, library.Manager.Adder, [source], time, NullLogger.Instance);
        library.Catalog.IsFull = true;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = reconciler.RunAsync(end.Token);
        await Eventually.TrueAsync(() => library.Catalog.Refused > 0, cancellationToken);

        library.Catalog.IsFull = false;

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return Hashes(library).Contains(Rows.Hash("x"));
            },
            cancellationToken
        );
        await end.CancelAsync();
        await running;
    }

    [Test]
    public async Task A_route_of_the_file_that_has_the_name_of_a_torrent_pushes_it_aside()
    {
        await using var library = await TestLibrary.StartAsync();
        library.Store.Torrents[("a", Rows.Hash("b"))] = Rows.Torrent("a", "b");

        await using var restarted = await library.RestartAsync(new ConfiguredRoute("a/b", [], null, "yaml:1"));

        Assert.That(await restarted.ListAsync("/a"), Is.EqualTo($"b b [{Rows.Hash("b").ToString()[..8]}]"));
    }

    [Test]
    public async Task Ten_thousand_known_torrents_start_in_a_moment()
    {
        await using var library = await TestLibrary.StartAsync();
        for (var i = 0; i < 10_000; i++)
        {
            library.Store.Torrents[("r", Rows.Hash($"t{i}"))] = Rows.Torrent("r", $"t{i}.mkv") with { Magnet = Rows.Magnet($"t{i}") };
        }

        var clock = Stopwatch.StartNew();
        await using var restarted = await library.RestartAsync();

        Assert.That(restarted.Manager.Current.Routes.Single().Torrents, Has.Count.EqualTo(10_000));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), "each of them costs as much as the first");
        Assert.That((await restarted.Tree.ListAsync(VirtualPath.Parse("/r"), CancellationToken.None))!.Count, Is.EqualTo(10_000));
    }

    private static async Task AddAsync(TestLibrary library, string route, byte[] file)
    {
        var (result, _) = await library.Manager.AddAsync(route, new Addition(null, file, Origins.Api), CancellationToken.None);
        Assert.That(result.Succeeded, Is.True, result.Reason);
    }

    private static BitTorrent.Protocol.InfoHash[] Hashes(TestLibrary library)
    {
        return [.. library.Manager.Current.Routes.SelectMany(r => r.Torrents).Select(t => t.InfoHash)];
    }

    private sealed class SetSource : ITorrentSource
    {
        internal bool IsOfFile { get; init; }

        public string Name => "test";

        public bool Answers(string route, string origin)
        {
            return !IsOfFile || origin == Origins.File;
        }

        internal IReadOnlyList<WantedTorrent> Says { get; init; } = [];

        internal bool SaysNoMore { get; init; }

        public async IAsyncEnumerable<IReadOnlyList<WantedTorrent>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return Says;
            if (SaysNoMore)
            {
                yield break;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }
}
