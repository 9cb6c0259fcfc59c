using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tests.Tree;

/// <summary>Deleting a torrent file by file, as <c>rm -r</c> over a mount does, and deleting one file of it.</summary>
internal sealed class DeletedFilesTests
{
    private static readonly byte[] Show = Rows.TorrentFile("Show", ("a.mkv", 100), ("sub/b.srt", 20), ("sub/deep/c.srt", 0));

    private TestLibrary _library = null!;

    [SetUp]
    public async Task Begin()
    {
        _library = await TestLibrary.StartAsync();
        await _library.MakeAsync("/films");
        await _library.Manager.AddAsync("films", new Addition(null, Show, Origins.Api), CancellationToken.None);
    }

    [TearDown]
    public async Task End()
    {
        await _library.DisposeAsync();
    }

    [Test]
    public async Task Rm_r_finds_what_it_expects_and_removes_the_torrent()
    {
        await DeleteAsync(
            "/films/Show/a.mkv",
            "/films/Show/sub/b.srt",
            "/films/Show/sub/deep/c.srt",
            "/films/Show/sub/deep",
            "/films/Show/sub"
        );

        Assert.That(await _library.FindAsync("/films/Show/sub/b.srt"), Is.Null);
        Assert.That(await _library.FindAsync("/films/Show/sub"), Is.Null);
        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.Null);
        Assert.That(await _library.ListAsync("/films/Show"), Is.Empty);
        Assert.That((await _library.DeleteAsync("/films/Show/sub")).Outcome, Is.EqualTo(WriteOutcome.NotFound));

        await DeleteAsync("/films/Show");
        Assert.That(await _library.ListAsync("/films"), Is.Empty);
        Assert.That(_library.Session.Find(Rows.HashOf(Show)), Is.Null);

        await _library.Manager.AddAsync("films", new Addition(null, Show, Origins.Api), CancellationToken.None);
        Assert.That(await _library.ListAsync("/films/Show"), Is.EqualTo("a.mkv sub"), "what was deleted is not remembered");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task All_files_deleted_within_a_minute_remove_the_torrent_although_its_folder_is_left(CancellationToken cancellationToken)
    {
        await DeleteAsync("/films/Show/a.mkv");
        _library.Time.Advance(TimeSpan.FromSeconds(55));
        await DeleteAsync("/films/Show/sub/b.srt", "/films/Show/sub/deep/c.srt");
        Assert.That(await _library.FindAsync("/films/Show"), Is.Not.Null);

        await Eventually.TrueAsync(
            () =>
            {
                _library.Time.Advance(TimeSpan.FromSeconds(1));
                return _library.Session.Find(Rows.HashOf(Show)) is null;
            },
            cancellationToken
        );
        Assert.That(await _library.FindAsync("/films/Show"), Is.Null);
    }

    [Test]
    public async Task One_deleted_file_looks_deleted_for_a_minute_and_comes_back()
    {
        await DeleteAsync("/films/Show/sub/b.srt");

        Assert.That(await _library.FindAsync("/films/Show/sub/b.srt"), Is.Null);
        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.EqualTo("deep"));
        var opened = await _library.Tree.OpenAsync(VirtualPath.Parse("/films/Show/sub/b.srt"), default, CancellationToken.None);
        Assert.That(opened, Is.Null);
        Assert.That((await _library.DeleteAsync("/films/Show/sub/b.srt")).Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That((await _library.DeleteAsync("/films/Show/sub")).Outcome, Is.EqualTo(WriteOutcome.Forbidden), "there is more in it");

        for (var second = 0; second < 60; second++)
        {
            _library.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.EqualTo("b.srt deep"));
        Assert.That(_library.Session.Find(Rows.HashOf(Show)), Is.Not.Null);
    }

    [Test]
    public async Task Files_that_were_not_deleted_within_the_same_minute_remove_nothing()
    {
        foreach (var file in new[] { "/films/Show/a.mkv", "/films/Show/sub/b.srt", "/films/Show/sub/deep/c.srt", "/films/Show/a.mkv" })
        {
            await DeleteAsync(file);
            _library.Time.Advance(TimeSpan.FromSeconds(40));
        }

        _library.Time.Advance(TimeSpan.FromSeconds(80));
        Assert.That(await _library.ListAsync("/films/Show"), Is.EqualTo("a.mkv sub"));
        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.EqualTo("b.srt deep"));
    }

    [Test]
    public async Task A_delete_that_follows_a_refused_put_counts_for_nothing()
    {
        foreach (var file in new[] { "/films/Show/a.mkv", "/films/Show/sub/b.srt", "/films/Show/sub/deep/c.srt" })
        {
            Assert.That((await _library.PutAsync(file, "rclone sync")).Succeeded, Is.False);
            Assert.That((await _library.DeleteAsync(file)).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        }

        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.EqualTo("b.srt deep"));
    }

    [Test]
    public async Task Other_routes_keep_the_torrent()
    {
        await _library.MakeAsync("/shows");
        Assert.That((await _library.CopyAsync("/films/Show", "/shows/Show")).Succeeded);

        await DeleteAsync("/films/Show/a.mkv", "/films/Show/sub/b.srt", "/films/Show/sub/deep/c.srt", "/films/Show");

        Assert.That(await _library.ListAsync("/shows/Show"), Is.EqualTo("a.mkv sub"));
        Assert.That(await _library.ListAsync("/shows/Show/sub"), Is.EqualTo("b.srt deep"));
    }

    [Test]
    public async Task A_route_goes_with_the_empty_routes_and_small_files_in_it()
    {
        await _library.MakeAsync("/litmus");
        await _library.MakeAsync("/litmus/a");
        await _library.MakeAsync("/litmus/a/b");
        await _library.PutAsync("/litmus/a/x.torrent", []);
        await _library.PutAsync("/litmus/._y", [1]);

        await DeleteAsync("/litmus");

        Assert.That(await _library.ListAsync("/"), Is.EqualTo("films"));
        await _library.MakeAsync("/films/nested");
        Assert.That((await _library.DeleteAsync("/films")).Reason, Does.Contain("not empty"));
        Assert.That(await _library.ListAsync("/films"), Is.EqualTo("Show nested"));
    }

    private async Task DeleteAsync(params string[] paths)
    {
        foreach (var path in paths)
        {
            var result = await _library.DeleteAsync(path);
            Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Done), $"{path}: {result.Reason}");
        }
    }
}
