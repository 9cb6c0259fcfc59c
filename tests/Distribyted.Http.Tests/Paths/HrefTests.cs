using System.Text;
using CsCheck;
using Distribyted.FileSystem;
using Distribyted.Http.Paths;

namespace Distribyted.Http.Tests.Paths;

[TestFixture]
public sealed class HrefTests
{
    [
        TestCase("plain-._~09", "plain-._~09"),
        TestCase("a b", "a%20b"),
        TestCase("\u00e9", "%C3%A9"),
        TestCase("\U0001f3ac", "%F0%9F%8E%AC"),
        TestCase("!$&'()*+,;=:@", "%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40")
    ]
    [TestCase("100%", "100%25"), TestCase("<\">", "%3C%22%3E"), TestCase("", "")]
    public void Everything_but_unreserved_is_escaped_in_upper_case(string name, string escaped)
    {
        Assert.That(Href.Segment(name), Is.EqualTo(escaped));
    }

    [
        TestCase("/", true, "", "/"),
        TestCase("/", true, "/fs", "/fs/"),
        TestCase("/a b/c", false, "", "/a%20b/c"),
        TestCase("/a b/c", true, "/fs", "/fs/a%20b/c/")
    ]
    public void Paths(string path, bool folder, string prefix, string href)
    {
        Assert.That(Href.Of(VirtualPath.Parse(path), folder, prefix), Is.EqualTo(href));
    }

    [Test]
    public void Half_a_character_is_written_as_the_mark_for_it()
    {
        Assert.That(Href.Segment("a\ud800"), Is.EqualTo("a%EF%BF%BD"));
    }

    [Test]
    public void The_length_is_known_before_it_is_written()
    {
        Gen.String.Sample(name =>
        {
            var bytes = new byte[Href.EscapedLength(name) + 4];
            var written = Href.Escape(name, bytes);
            return written == Href.EscapedLength(name)
                && Encoding.ASCII.GetString(bytes, 0, written) == Href.Segment(name)
                && Uri.UnescapeDataString(Href.Segment(name)) == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));
        });
    }
}
