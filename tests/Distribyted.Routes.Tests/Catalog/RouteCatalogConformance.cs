using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Tests.Catalog;

/// <summary>What every catalog must do. A new one derives from this and says how it is opened.</summary>
internal abstract class RouteCatalogConformance
{
    /// <summary>Opens the catalog of this test; again after the former was disposed is a restart.</summary>
    protected abstract IRouteCatalog Open();

    [Test]
    public async Task A_new_catalog_is_empty()
    {
        await using var catalog = Open();

        var content = await catalog.LoadAsync(CancellationToken.None);

        Assert.That(content.Routes, Is.Empty);
        Assert.That(content.Torrents, Is.Empty);
    }

    [Test]
    public async Task What_was_put_is_there_after_a_restart_in_every_field()
    {
        var route = new CatalogRoute(
            "films/ü",
            Rows.Noon,
            Origins.Mount,
            [new DeadProperty("", "a", "<a/>"), new DeadProperty("urn:x", "b", "<b>1</b>")],
            new CatalogFolder("/films", "/mnt ext4")
        );
        var known = Rows.Torrent("films/ü", "Film [c9e15763].mkv") with
        {
            Length = 1L << 40,
            Added = Rows.Noon.AddMilliseconds(123),
            Modified = Rows.Noon.AddYears(-3),
            Magnet = Rows.Magnet("Film"),
            Trackers = "0123456789abcdef",
            Properties = [new DeadProperty("urn:x", "c", "<c> </c>")],
        };
        var pending = Rows.Torrent("films/ü", "pending") with
        {
            Name = null,
            IsFolder = true,
            Upload = new CatalogUpload("x.magnet", [0, 1, 255]),
        };

        await using (var catalog = Open())
        {
            await catalog.LoadAsync(CancellationToken.None);
            await catalog.ApplyAsync(
                [new CatalogChange.PutRoute(route), new CatalogChange.PutTorrent(known), new CatalogChange.PutTorrent(pending)],
                CancellationToken.None
            );
        }

        await using var again = Open();
        var content = await again.LoadAsync(CancellationToken.None);

        AssertSame(content.Routes.Single(), route);
        AssertSame(content.Torrents.Single(t => t.InfoHash == known.InfoHash), known);
        AssertSame(content.Torrents.Single(t => t.InfoHash == pending.InfoHash), pending);
    }

    [Test]
    public async Task Putting_again_replaces_and_removing_removes()
    {
        await using (var catalog = Open())
        {
            await catalog.LoadAsync(CancellationToken.None);
            var torrent = Rows.Torrent("a", "x");
            await catalog.ApplyAsync(
                [
                    new CatalogChange.PutRoute(Rows.Route("a")),
                    new CatalogChange.PutRoute(Rows.Route("b")),
                    new CatalogChange.PutTorrent(torrent),
                ],
                CancellationToken.None
            );
            await catalog.ApplyAsync(
                [new CatalogChange.PutTorrent(torrent with { Name = "renamed" }), new CatalogChange.RemoveRoute("b")],
                CancellationToken.None
            );
            await catalog.ApplyAsync(
                [new CatalogChange.RemoveTorrent("a", Rows.Hash("nothing")), new CatalogChange.RemoveRoute("nothing")],
                CancellationToken.None
            );
        }

        await using var again = Open();
        var content = await again.LoadAsync(CancellationToken.None);

        Assert.That(content.Routes.Select(r => r.Name), Is.EqualTo(new[] { "a" }));
        Assert.That(content.Torrents.Select(t => t.Name), Is.EqualTo(new[] { "renamed" }));
    }

    [Test]
    public async Task Names_that_differ_only_in_case_or_length_are_different_routes()
    {
        string[] names = ["Films", "films", new string('x', 1200), new string('x', 1201), "a/b", "a"];

        await using (var catalog = Open())
        {
            await catalog.LoadAsync(CancellationToken.None);
            await catalog.ApplyAsync([.. names.Select(n => new CatalogChange.PutRoute(Rows.Route(n)))], CancellationToken.None);
            await catalog.ApplyAsync([.. names.Select(n => new CatalogChange.PutTorrent(Rows.Torrent(n, "same")))], CancellationToken.None);
        }

        await using var again = Open();
        var content = await again.LoadAsync(CancellationToken.None);

        Assert.That(content.Routes.Select(r => r.Name), Is.EquivalentTo(names));
        Assert.That(content.Torrents.Select(t => t.Route), Is.EquivalentTo(names));
    }

    [Test]
    public async Task Many_may_write_at_once_and_nothing_is_lost()
    {
        const int writers = 200;
        await using (var catalog = Open())
        {
            await catalog.LoadAsync(CancellationToken.None);
            await Task.WhenAll(
                Enumerable
                    .Range(0, writers)
                    .Select(i =>
                        Task.Run(() =>
                            catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", $"t{i}"))], CancellationToken.None)
                        )
                    )
            );
        }

        await using var again = Open();
        var content = await again.LoadAsync(CancellationToken.None);

        Assert.That(content.Torrents, Has.Count.EqualTo(writers));
    }

    private static void AssertSame(CatalogRoute actual, CatalogRoute expected)
    {
        Assert.That(actual.Properties, Is.EqualTo(expected.Properties));
        Assert.That(actual with { Properties = expected.Properties }, Is.EqualTo(expected));
    }

    private static void AssertSame(CatalogTorrent actual, CatalogTorrent expected)
    {
        Assert.That(actual.Properties, Is.EqualTo(expected.Properties));
        Assert.That(actual.Upload?.Name, Is.EqualTo(expected.Upload?.Name));
        Assert.That(actual.Upload?.Content, Is.EqualTo(expected.Upload?.Content));
        Assert.That(actual with { Properties = expected.Properties, Upload = expected.Upload }, Is.EqualTo(expected));
    }
}
