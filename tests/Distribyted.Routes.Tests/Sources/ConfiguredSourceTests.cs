using Distribyted.Routes.Catalog;
using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Sources;

internal sealed class ConfiguredSourceTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task What_a_file_on_a_late_drive_named_the_last_time_stays_until_it_is_seen(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Make("drive");
        var path = folder.At("drive", "film.torrent");
        var routes = new[]
        {
            new ConfiguredRoute("r", [new ConfiguredTorrent(null, path, "yaml:3")], null, "yaml:1"),
            new ConfiguredRoute("s", [new ConfiguredTorrent(Rows.Magnet("named"), null, "yaml:6")], null, "yaml:5"),
        };
        await using var library = await TestLibrary.StartAsync();
        library.Store.Torrents[("r", Rows.Hash("former"))] = Rows.Torrent("r", "former", origin: Origins.File);
        library.Store.Torrents[("s", Rows.Hash("gone"))] = Rows.Torrent("s", "gone", origin: Origins.File);
        await using var restarted = await library.RestartAsync(routes);
        var source = new ConfiguredSource(routes, TimeProvider.System, NullLogger.Instance);
        var reconciler = new SourceReconciler(
            restarted.Manager.Store,
            restarted.Manager.Adder,
            [source],
            TimeProvider.System,
            NullLogger.Instance
        );
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        Assert.That(await lists.MoveNextAsync());
        await reconciler.ReconcileAsync(source, lists.Current, cancellationToken);
        Assert.That(Hashes(restarted, "r"), Has.Member(Rows.Hash("former")));
        Assert.That(Hashes(restarted, "s"), Has.No.Member(Rows.Hash("gone")), "nothing of that route is missing");

        var next = lists.MoveNextAsync();
        var film = Rows.TorrentFile("film", ("", 5));
        folder.Write("drive/film.torrent", film);
        Assert.That(await next);
        await reconciler.ReconcileAsync(source, lists.Current, cancellationToken);
        Assert.That(Hashes(restarted, "r"), Has.Member(Rows.HashOf(film)));
        Assert.That(Hashes(restarted, "r"), Has.No.Member(Rows.Hash("former")));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_that_goes_while_the_configuration_names_it_takes_nothing_with_it(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var film = folder.Write("film.torrent", Rows.TorrentFile("film", ("", 5)));
        var show = folder.Write("show.torrent", Rows.TorrentFile("show", ("", 6)));
        var configured = new[] { new ConfiguredTorrent(null, film, "yaml:3"), new ConfiguredTorrent(null, show, "yaml:4") };
        var source = new ConfiguredSource([new ConfiguredRoute("r", configured, null, "yaml:1")], TimeProvider.System, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());
        var former = lists.Current.Select(w => w.InfoHash).ToList();

        var next = lists.MoveNextAsync();
        File.Delete(film);
        var other = Rows.TorrentFile("other", ("", 7));
        await File.WriteAllBytesAsync(show, other, cancellationToken);

        Assert.That(await next);
        Assert.That(lists.Current.Select(w => w.InfoHash), Is.EqualTo(new[] { former[0], Rows.HashOf(other) }));
    }

    private static IEnumerable<BitTorrent.Protocol.InfoHash> Hashes(TestLibrary library, string route)
    {
        return library.Manager.Current.Routes.Where(r => r.Name == route).SelectMany(r => r.Torrents).Select(t => t.InfoHash);
    }
}
