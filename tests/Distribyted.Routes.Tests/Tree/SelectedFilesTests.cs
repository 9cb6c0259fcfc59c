using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tests.Tree;

/// <summary>Links that ask for some files of a torrent (<c>so</c>, BEP 53).</summary>
internal sealed class SelectedFilesTests
{
    private static readonly byte[] Show = Rows.TorrentFile("Show", ("a.mkv", 100), ("sub/b.srt", 20), ("sub/deep/c.srt", 3));

    [TestCase("1", "sub", 20)]
    [TestCase("0,2", "a.mkv sub", 103)]
    [TestCase("0-1", "a.mkv sub", 120)]
    [TestCase("0,99-200", "a.mkv", 100)]
    [TestCase("7", "a.mkv sub", 123)]
    [TestCase("x", "a.mkv sub", 123)]
    [CancelAfter(60_000)]
    public async Task Only_selected_files_are_shown_and_counted(
        string selected,
        string shown,
        long length,
        CancellationToken cancellationToken
    )
    {
        await using var library = await TestLibrary.StartAsync();

        await AddAsync(library, selected, cancellationToken);

        Assert.That(await library.ListAsync("/r/Show"), Is.EqualTo(shown));
        Assert.That(library.Manager.Current.Routes[0].Torrents[0].Length, Is.EqualTo(length));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_selection_stays_after_a_restart_and_when_the_torrent_is_added_again(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        await AddAsync(library, "2", cancellationToken);
        await library.Manager.AddAsync("r", Magnet("&so=0&tr=udp%3A%2F%2Fa.example%3A80"), cancellationToken);

        await using var restarted = await library.RestartAsync();

        Assert.That(await restarted.ListAsync("/r/Show"), Is.EqualTo("sub"));
        Assert.That(await restarted.ListAsync("/r/Show/sub"), Is.EqualTo("deep"));
        Assert.That(await restarted.FindAsync("/r/Show/a.mkv"), Is.Null);
        Assert.That((await restarted.FindAsync("/r/Show/sub/deep/c.srt"))?.Length, Is.EqualTo(3));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_link_that_is_added_to_a_torrent_of_a_file_hides_nothing(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        await library.Manager.AddAsync("r", new Addition(null, Show, Origins.Api), cancellationToken);

        await library.Manager.AddAsync("r", Magnet("&so=0"), cancellationToken);

        Assert.That(await library.ListAsync("/r/Show"), Is.EqualTo("a.mkv sub"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_same_torrent_may_show_other_files_in_another_route(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        await AddAsync(library, "0", cancellationToken);

        await library.Manager.AddAsync("other", new Addition(null, Show, Origins.Api), cancellationToken);

        Assert.That(await library.ListAsync("/r/Show"), Is.EqualTo("a.mkv"));
        Assert.That(await library.ListAsync("/other/Show"), Is.EqualTo("a.mkv sub"));
    }

    /// <summary>Adds the link, and then the metadata as if the swarm had sent it.</summary>
    private static async Task AddAsync(TestLibrary library, string selected, CancellationToken cancellationToken)
    {
        await library.Manager.AddAsync("r", Magnet("&so=" + selected), cancellationToken);
        await library.Manager.AddAsync("r", new Addition(null, Show, Origins.Api), cancellationToken);
        await Eventually.TrueAsync(() => !library.Manager.Current.Routes[0].Torrents[0].IsPending, cancellationToken);
    }

    private static Addition Magnet(string more)
    {
        return new Addition($"magnet:?xt=urn:btih:{Rows.HashOf(Show)}{more}", default, Origins.Api);
    }
}
