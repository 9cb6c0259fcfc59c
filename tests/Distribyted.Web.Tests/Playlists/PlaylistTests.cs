using Distribyted.FileSystem;
using Distribyted.Testing;
using Distribyted.Web.Playlists;

namespace Distribyted.Web.Tests.Playlists;

[CancelAfter(60_000)]
internal sealed class PlaylistTests
{
    private readonly MemoryFs _store = new();

    public PlaylistTests()
    {
        foreach (var name in new[] { "Part 10.mkv", "Part 2.mkv", "cover.jpg", "Part 1.mkv", "Subs/a.srt", "Extras/b#1.mp4", "list.m3u" })
        {
            _store.AddFile("/films/A film/" + name, "x"u8.ToArray());
        }
    }

    [Test]
    public async Task What_can_be_played_is_there_in_order_with_whole_addresses(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: _store);

        var (status, text) = await bed.SendAsync("GET", "/fs/films/A%20film?m3u", cancellationToken);

        var at = $"{bed.Client.BaseAddress}fs/films/A%20film";
        Assert.That(status, Is.EqualTo(200));
        Assert.That(
            text,
            Is.EqualTo(
                $"""
                #EXTM3U
                #EXTENC:UTF-8
                #EXTINF:-1,Part 1.mkv
                {at}/Part%201.mkv
                #EXTINF:-1,Part 2.mkv
                {at}/Part%202.mkv
                #EXTINF:-1,Part 10.mkv
                {at}/Part%2010.mkv
                #EXTINF:-1,b#1.mp4
                {at}/Extras/b%231.mp4

                """
            )
        );
    }

    [Test]
    public async Task A_file_is_a_playlist_of_one_and_its_name_is_that_of_the_file(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: _store);

        using var answer = await bed.Client.GetAsync(new Uri("/fs/films/A%20film/Part%202.mkv?m3u", UriKind.Relative), cancellationToken);

        Assert.That(await answer.Content.ReadAsStringAsync(cancellationToken), Does.EndWith("/fs/films/A%20film/Part%202.mkv\n"));
        Assert.That(answer.Content.Headers.ContentDisposition?.FileNameStar, Is.EqualTo("Part 2.mkv.m3u"));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("audio/x-mpegurl"));
    }

    [TestCase("film.mkv", true)]
    [TestCase("song.FLAC", true)]
    [TestCase("list.m3u8", false)]
    [TestCase("list.pls", false)]
    [TestCase("film.srt", false)]
    [TestCase("film", false)]
    public void Only_films_and_music_are_played(string name, bool plays)
    {
        Assert.That(Playlist.CanBePlayed(name), Is.EqualTo(plays));
    }

    [Test]
    public async Task A_folder_that_is_gone_gives_an_empty_list(CancellationToken cancellationToken)
    {
        var folder = new FileEntry("gone", true, 0, default, default, "");

        var text = await Playlist.OfAsync(_store, VirtualPath.Parse("/gone"), folder, "http://x/fs", cancellationToken);

        Assert.That(text, Is.EqualTo("#EXTM3U\n#EXTENC:UTF-8\n"));
    }
}
