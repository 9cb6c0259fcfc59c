using Distribyted.Dashboard.Text;

namespace Distribyted.Dashboard.Tests.Text;

/// <summary>What was pasted, as the things that can be added.</summary>
internal sealed class AddTextTests
{
    [TestCase("", new string[0])]
    [TestCase(" \n\r\n ", new string[0])]
    [TestCase("magnet:?xt=urn:btih:a&dn=b", new[] { "magnet:?xt=urn:btih:a&dn=b" })]
    [TestCase("magnet:?xt=a\r\nmagnet:?xt=b\nmagnet:?xt=a", new[] { "magnet:?xt=a", "magnet:?xt=b" })]
    [TestCase("Look: <https://example.org/x.torrent>, and magnet:?xt=c", new[] { "https://example.org/x.torrent", "magnet:?xt=c" })]
    [TestCase("0123456789abcdef0123456789abcdef01234567", new[] { "0123456789abcdef0123456789abcdef01234567" })]
    [TestCase(
        "no link at all",
        new[] { "no link at all" },
        TestName = "What is no link is sent as it is, and the answer says what is wrong with it"
    )]
    public void Each_link_is_found(string text, string[] sources)
    {
        Assert.That(AddText.Sources(text), Is.EqualTo(sources));
    }
}
