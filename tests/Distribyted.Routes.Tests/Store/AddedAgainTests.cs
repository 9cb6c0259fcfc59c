using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.FileSystem;
using Distribyted.Lab;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Store;

/// <summary>The same hash comes again with other trackers: they count, now and after a restart.</summary>
internal sealed class AddedAgainTests
{
    private static readonly byte[] Film = Rows.TorrentFile("Film.mkv", ("", 100));

    [Test]
    [CancelAfter(60_000)]
    public async Task Trackers_of_a_file_that_is_posted_again_are_kept_the_newest_first(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        await AddAsync(library, Rows.WithTrackers(Film, "http://a.example/1"), cancellationToken);
        await AddAsync(library, Rows.WithTrackers(Film, "http://b.example/1"), cancellationToken);
        await AddAsync(library, $"magnet:?xt=urn:btih:{Rows.HashOf(Film)}&tr=http%3A%2F%2Fc.example%2F1", cancellationToken);

        Assert.That(
            Trackers(library, Rows.HashOf(Film)),
            Is.EqualTo(new[] { "http://c.example/1", "http://b.example/1", "http://a.example/1" })
        );
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_new_passkey_replaces_the_old_one_also_of_a_torrent_that_is_awake(CancellationToken cancellationToken)
    {
        await using var old = LabTracker.Start();
        await using var fresh = LabTracker.Start();
        await using var library = await TestLibrary.StartAsync();
        var file = Rows.PrivateFile("Film.mkv");
        var hash = Rows.HashOf(file);
        await AddAsync(library, Rows.WithTrackers(file, old.HttpUrl), cancellationToken);
        await using (await library.Tree.OpenAsync(VirtualPath.Parse("/r/Film.mkv"), default, cancellationToken))
        {
            await old.WaitForAsync(all => all.Any(a => a.InfoHash == hash), cancellationToken);

            await AddAsync(library, Rows.WithTrackers(file, fresh.HttpUrl), cancellationToken);
            await AddAsync(library, $"magnet:?xt=urn:btih:{hash}&tr=udp%3A%2F%2Fpublic.example%3A80", cancellationToken);

            await fresh.WaitForAsync(all => all.Any(a => a.Event == "started"), cancellationToken);
            await old.WaitForAsync(all => all.Any(a => a.Event == "stopped"), cancellationToken);
        }

        Assert.That(Trackers(library, hash), Is.EqualTo(new[] { fresh.HttpUrl }), "a link adds no tracker to a private torrent");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_pending_magnet_that_is_posted_again_keeps_its_trackers_over_a_restart(CancellationToken cancellationToken)
    {
        await using var one = LabTracker.Start();
        await using var two = LabTracker.Start();
        await using var library = await TestLibrary.StartAsync();
        var hash = Rows.Hash("waits");
        await AddAsync(library, $"magnet:?xt=urn:btih:{hash}&dn=Waits&tr={Uri.EscapeDataString(one.HttpUrl)}", cancellationToken);
        await AddAsync(library, hash.ToString(), cancellationToken);
        await AddAsync(library, $"magnet:?xt=urn:btih:{hash}&tr={Uri.EscapeDataString(two.HttpUrl)}", cancellationToken);
        await one.WaitForAsync(all => all.Any(a => a.InfoHash == hash), cancellationToken);
        await two.WaitForAsync(all => all.Any(a => a.InfoHash == hash), cancellationToken);

        var (first, second) = (Started(one), Started(two)); // before the restart, which may announce at once
        await using var restarted = await library.RestartAsync();
        await one.WaitForAsync(_ => Started(one) > first, cancellationToken);
        await two.WaitForAsync(_ => Started(two) > second, cancellationToken);
        Assert.That(restarted.Manager.Current.Routes[0].Torrents[0].Name, Is.EqualTo("Waits"));

        static int Started(LabTracker tracker) => tracker.Announces.Count(a => a.Event == "started");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_watched_file_that_is_replaced_by_one_with_other_trackers_is_read_and_one_that_stays_is_not(
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        folder.Write("film.torrent", Rows.WithTrackers(Film, "http://a.example/1"));
        var hash = Rows.HashOf(Film);
        var route = new ConfiguredRoute("r", [], folder.Path, "yaml:1");
        await using var library = await TestLibrary.StartAsync(route);
        await using (var run = new Running(library, folder.Path))
        {
            await Eventually.TrueAsync(() => library.Session.Find(hash) is not null, cancellationToken);
            folder.Write("film.torrent", Rows.WithTrackers(Film, "http://b.example/longer/1"));
            await Eventually.TrueAsync(() => Trackers(library, hash).Contains("http://b.example/longer/1"), cancellationToken);
        }

        // While it was not running, too.
        folder.Write("film.torrent", Rows.WithTrackers(Film, "http://c.example/1"));
        await using var restarted = await library.RestartAsync(route);
        await using (var run = new Running(restarted, folder.Path))
        {
            await Eventually.TrueAsync(() => Trackers(restarted, hash).Contains("http://c.example/1"), cancellationToken);
        }

        Assert.That(Trackers(restarted, hash), Has.Length.EqualTo(3));

        // What was posted meanwhile is newer than a file that stays as it is.
        var row = restarted.Store.Torrents.Single().Value;
        await restarted.Manager.AddAsync(
            "r",
            new Addition(null, Rows.WithTrackers(Film, "http://d.example/1"), Origins.Api),
            cancellationToken
        );
        Assert.That(restarted.Store.Torrents.Single().Value.Trackers, Is.EqualTo(row.Trackers));
    }

    [Test]
    public void A_link_that_adds_nothing_changes_nothing()
    {
        var hash = Rows.Hash("x");
        var full = $"magnet:?dn=X&xt=urn:btih:{hash}&tr=http%3A%2F%2Fa%2F1&tr=http%3A%2F%2Fb%2F1&x.pe=1.2.3.4:5";

        Assert.That(MagnetUnion.Of(full, $"magnet:?xt=urn:btih:{hash}"), Is.EqualTo(full));
        Assert.That(MagnetUnion.Of(full, $"magnet:?xt=urn:btih:{hash}&tr=http%3A%2F%2Fb%2F1"), Is.EqualTo(full));
        Assert.That(MagnetUnion.Of(null, full), Is.EqualTo(full));
        Assert.That(MagnetUnion.Of(full, null), Is.EqualTo(full));
        var both = MagnetUnion.Of($"magnet:?xt=urn:btih:{hash}&tr=http%3A%2F%2Fc%2F1", full)!;
        Assert.That(MagnetLink.Parse(both).Trackers.SelectMany(t => t), Is.EqualTo(new[] { "http://a/1", "http://b/1", "http://c/1" }));
        Assert.That(MagnetUnion.Of(both, full), Is.EqualTo(both));
    }

    private static async Task AddAsync(TestLibrary library, byte[] file, CancellationToken cancellationToken)
    {
        var (result, _) = await library.Manager.AddAsync("r", new Addition(null, file, Origins.Api), cancellationToken);
        Assert.That(result.Succeeded, result.Reason);
    }

    private static async Task AddAsync(TestLibrary library, string magnet, CancellationToken cancellationToken)
    {
        var (result, _) = await library.Manager.AddAsync("r", new Addition(magnet, default, Origins.Api), cancellationToken);
        Assert.That(result.Succeeded, result.Reason);
    }

    /// <summary>What is on disk, and so what the next start knows.</summary>
    private static string[] Trackers(TestLibrary library, InfoHash hash)
    {
        var file = File.ReadAllBytes(Path.Combine(library.Options.MetadataFolder, "metainfo", hash + ".torrent"));
        return [.. MetainfoFile.Read(file).Trackers.SelectMany(t => t)];
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _running;

        internal Running(TestLibrary library, string folder)
        {
            var source = new FolderSource("r", folder, "yaml:1", TimeProvider.System, NullLogger.Instance);
            _running = new SourceReconciler(
                library.Manager.Store,
                library.Manager.Adder,
                [source],
                TimeProvider.System,
                NullLogger.Instance
            ).RunAsync(_end.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _running;
            _end.Dispose();
        }
    }
}
