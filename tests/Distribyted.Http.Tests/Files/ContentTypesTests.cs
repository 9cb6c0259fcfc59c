using Distribyted.Http.Files;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed class ContentTypesTests
{
    [
        TestCase("a.mkv", "video/x-matroska"),
        TestCase("A.MP4", "video/mp4"),
        TestCase("a.b.ts", "video/mp2t"),
        TestCase("a.srt", "application/x-subrip"),
        TestCase("a.flac", "audio/flac")
    ]
    [
        TestCase("a.jpg", "image/jpeg"),
        TestCase("a.torrent", "application/x-bittorrent"),
        TestCase("a", "application/octet-stream"),
        TestCase("a.", "application/octet-stream")
    ]
    [
        TestCase(".mkv", "video/x-matroska"),
        TestCase("a.unknown", "application/octet-stream"),
        TestCase("", "application/octet-stream"),
        TestCase("mkv", "application/octet-stream")
    ]
    public void Types_go_by_extension(string name, string type)
    {
        Assert.That(ContentTypes.Of(name), Is.EqualTo(type));
    }
}
