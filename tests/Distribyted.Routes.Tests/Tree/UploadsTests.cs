using Distribyted.FileSystem;
using Distribyted.Routes.Tree;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests.Tree;

internal sealed class UploadsTests
{
    private readonly FakeTimeProvider _time = new(Rows.Noon);

    [Test]
    public void A_file_goes_sixty_seconds_after_it_was_last_touched()
    {
        using var uploads = new Uploads(_time);
        var path = VirtualPath.Parse("/r/x.torrent");
        uploads.Put(path, [1], isDesktopFile: false);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(uploads.Find(path), Is.Not.Null);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(uploads.Find(path), Is.Not.Null);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(uploads.Find(path), Is.Null);
        Assert.That(uploads.ListedIn(path.Parent), Is.Empty);
    }

    [TestCase(-400), TestCase(400)]
    public void A_clock_that_is_set_neither_ends_nor_keeps_a_file(int days)
    {
        var clock = new SettableClock();
        using var uploads = new Uploads(clock);
        var path = VirtualPath.Parse("/r/x.torrent");
        uploads.Put(path, [1], isDesktopFile: false);
        uploads.NoteRefusal(path);

        clock.SetWallClock(TimeSpan.FromDays(days));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That((uploads.ListedIn(path.Parent).Count, uploads.WasRefused(path)), Is.EqualTo((1, true)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((uploads.ListedIn(path.Parent).Count, uploads.WasRefused(path)), Is.EqualTo((0, false)));
    }

    [Test]
    public void A_flood_of_desktop_metadata_files_stays_bounded_and_is_not_listed()
    {
        using var uploads = new Uploads(_time);
        for (var i = 0; i < 5000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            uploads.Put(VirtualPath.Parse($"/r/._{i}"), [1], isDesktopFile: true);
        }

        Assert.That(uploads.ListedIn(VirtualPath.Parse("/r")), Is.Empty);
        Assert.That(Enumerable.Range(0, 5000).Count(i => uploads.Find(VirtualPath.Parse($"/r/._{i}")) is not null), Is.EqualTo(1000));
        Assert.That(uploads.Find(VirtualPath.Parse("/r/._4999")), Is.Not.Null);
    }

    [Test]
    public void Large_uploads_push_out_what_was_touched_longest_ago()
    {
        using var uploads = new Uploads(_time);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            uploads.Put(VirtualPath.Parse($"/r/{i}.torrent"), new byte[10 << 20], isDesktopFile: false);
        }

        Assert.That(
            uploads.ListedIn(VirtualPath.Parse("/r")).Select(u => u.Entry.Name),
            Is.EquivalentTo(Enumerable.Range(4, 6).Select(i => $"{i}.torrent"))
        );
    }

    [TestCase("x.torrent", FileMeaning.Torrent)]
    [TestCase("X.TORRENT", FileMeaning.Torrent)]
    [TestCase("x.magnet", FileMeaning.Link)]
    [TestCase("x.url", FileMeaning.Link)]
    [TestCase("x.txt", FileMeaning.Link)]
    [TestCase("._x.torrent", FileMeaning.DesktopFile)]
    [TestCase(".DS_Store", FileMeaning.DesktopFile)]
    [TestCase("desktop.ini", FileMeaning.DesktopFile)]
    [TestCase("Thumbs.db", FileMeaning.DesktopFile)]
    [TestCase(".~lock.x.odt#", FileMeaning.DesktopFile)]
    [TestCase(".Trash-1000", FileMeaning.DesktopFile)]
    [TestCase("x.torrent.part", FileMeaning.Temporary)]
    [TestCase("x.torrent-3f2c", FileMeaning.Temporary)]
    [TestCase(".goutputstream-AB12", FileMeaning.Temporary)]
    [TestCase("film.mkv", FileMeaning.Nothing)]
    [TestCase("torrent", FileMeaning.Nothing)]
    public void A_name_says_what_a_file_is_for(string name, object expected)
    {
        Assert.That(FileMeanings.Of(name), Is.EqualTo(expected));
    }
}
