using Distribyted.Dashboard.Parts;
using Distribyted.FileSystem;

namespace Distribyted.Dashboard.Tests.Parts;

internal sealed class FileKindsTests
{
    [TestCase("a.mp4", true, true, false)]
    [TestCase("a.mkv", true, false, false)]
    [TestCase("a.mp3", false, true, true)]
    [TestCase("a.m3u", false, false, false)]
    [TestCase("a.srt", false, false, false)]
    public void What_can_be_played_is_known_by_its_name(string name, bool isVideo, bool isKnown, bool isAudio)
    {
        Assert.That(
            (FileKinds.IsVideo(name), FileKinds.IsKnownToBrowsers(name), FileKinds.IsAudio(name)),
            Is.EqualTo((isVideo, isKnown, isAudio))
        );
    }

    [TestCase("a.zip!", "archive, opened")]
    [TestCase("a.rar", "archive, opened")]
    [TestCase("a", "folder")]
    public void An_archive_is_told_from_a_folder(string name, string text)
    {
        Assert.That(FileKinds.FolderText(name), Is.EqualTo(text));
    }

    [Test]
    public void Addresses_of_any_name_lead_back_to_it()
    {
        var path = VirtualPath.Parse("/films/100% #1?/a b.mkv");

        Assert.That(PageAddress.Page(path), Is.EqualTo("files/films/100%25%20%231%3F/a%20b.mkv"));
        Assert.That(PageAddress.Http(path, isDirectory: false), Is.EqualTo("fs/films/100%25%20%231%3F/a%20b.mkv"));
        Assert.That(
            PageAddress.Below(new Uri("http://x/p/"), path, isDirectory: true),
            Is.EqualTo("http://x/p/films/100%25%20%231%3F/a%20b.mkv/")
        );
        Assert.That(PageAddress.Page(VirtualPath.Root), Is.EqualTo("files"));
    }

    [Test]
    public void A_code_has_its_quiet_zone_and_nothing_too_long()
    {
        var image = QrImage.Of("http://nas.lan:4444/")!;

        Assert.That(image.Size, Is.EqualTo(25 + 8));
        Assert.That(image.Path, Does.StartWith("M4 4h7v1h-7z"), "The corner mark stands four modules from the edge.");
        Assert.That(QrImage.Of(new string('a', 1001)), Is.Null);
    }
}
