using System.Text;
using CsCheck;
using Distribyted.FileSystem;
using Distribyted.Http.Paths;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Tests.Paths;

[TestFixture]
public sealed class RequestPathTests
{
    [
        TestCase("/", "/", true),
        TestCase("/a", "/a", false),
        TestCase("/a/", "/a", true),
        TestCase("/a/b?x=/y", "/a/b", false),
        TestCase("/a#f", "/a", false)
    ]
    [
        TestCase("/a%20b", "/a b", false),
        TestCase("/%C3%A9", "/\u00e9", false),
        TestCase("/%c3%a9", "/\u00e9", false),
        TestCase("/%F0%9F%8E%AC", "/\U0001f3ac", false)
    ]
    [
        TestCase("/a%3Fb%23c%25d", "/a?b#c%d", false),
        TestCase("/%252e%252e", "/%2e%2e", false),
        TestCase("/a+b", "/a+b", false),
        TestCase("/!$&'()*,;=:@", "/!$&'()*,;=:@", false)
    ]
    [
        TestCase("//a///b//", "/a/b", true),
        TestCase("/...", "/...", false),
        TestCase("/a%5Cb", "/a\\b", false),
        TestCase("/c%3A", "/c:", false),
        TestCase("/a.", "/a.", false)
    ]
    [
        TestCase("http://h/a", "/a", false),
        TestCase("HTTPS://h:1/a/", "/a", true),
        TestCase("http://h", "/", true),
        TestCase("http://u@h?x", "/", true),
        TestCase("http://[::1]:8/a", "/a", false)
    ]
    [TestCase("/\u00e9", "/\u00e9", false)]
    public void Targets_are_read(string target, string value, bool slash)
    {
        Assert.That(RequestPath.TryParseTarget(target, "", out var path), Is.True);
        Assert.That((path.Path.Value, path.HasTrailingSlash), Is.EqualTo((value, slash)));
    }

    [
        TestCase("/%"),
        TestCase("/%4"),
        TestCase("/%zz"),
        TestCase("/%u0041"),
        TestCase("/a%00"),
        TestCase("/%ff"),
        TestCase("/%c0%ae"),
        TestCase("/%ed%a0%80"),
        TestCase("/%c3%28")
    ]
    [
        TestCase("/."),
        TestCase("/.."),
        TestCase("/%2e"),
        TestCase("/%2E%2e"),
        TestCase("/.%2e"),
        TestCase("/a/../b"),
        TestCase("/a%2Fb"),
        TestCase("/a%2f")
    ]
    [
        TestCase(""),
        TestCase("a"),
        TestCase("*"),
        TestCase("ftp://h/a"),
        TestCase("http://"),
        TestCase("http:///a"),
        TestCase("http://[::1"),
        TestCase("::::"),
        TestCase("\u0080\u0081")
    ]
    public void Others_are_refused(string target)
    {
        Assert.That(RequestPath.TryParseTarget(target, "", out _), Is.False);
    }

    [
        TestCase("/fs", "/", true),
        TestCase("/fs/", "/", true),
        TestCase("/fs/a", "/a", true),
        TestCase("/%66s/a", "/a", true),
        TestCase("/fsx", "", false),
        TestCase("/", "", false),
        TestCase("/x/fs/a", "", false)
    ]
    public void What_stands_before_the_tree_is_taken_off(string target, string value, bool here)
    {
        Assert.That(RequestPath.TryParseTarget(target, "/fs", out var path), Is.EqualTo(here));
        Assert.That(here ? path.Path.Value : "", Is.EqualTo(value));
    }

    [TestCase("/a%20b/?q", "/a%20b/"), TestCase("http://h/%41", "/%41"), TestCase("/a//b", "/a//b")]
    public void The_path_is_kept_as_it_was_sent(string target, string raw)
    {
        Assert.That(RequestPath.TryParseTarget(target, "", out var path));

        Assert.That(path.Raw, Is.EqualTo(raw));
    }

    [
        TestCase("/a", UriOutcome.Here),
        TestCase("http://box/a", UriOutcome.Here),
        TestCase("https://BOX/a", UriOutcome.Here),
        TestCase("http://box:80/a", UriOutcome.Here),
        TestCase("https://box:443/a", UriOutcome.Here)
    ]
    [
        TestCase("http://other/a", UriOutcome.OtherHost),
        TestCase("http://box:81/a", UriOutcome.OtherHost),
        TestCase("http://box.evil/a", UriOutcome.OtherHost)
    ]
    [
        TestCase("http://", UriOutcome.Malformed),
        TestCase("", UriOutcome.Malformed),
        TestCase("a", UriOutcome.Malformed),
        TestCase("http://box/%zz", UriOutcome.Malformed),
        TestCase("/a/../b", UriOutcome.Malformed)
    ]
    [TestCase("%", UriOutcome.Malformed), TestCase("http://[::1", UriOutcome.Malformed)]
    public void Uris_in_headers_are_ours_or_not(string uri, UriOutcome outcome)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("box");

        Assert.That(RequestPath.TryParseUri(uri, request, "", out _), Is.EqualTo(outcome));
    }

    [Test]
    public void Half_a_character_is_no_text()
    {
        Assert.That(RequestPath.TryParseTarget("/a\ud800", "", out _), Is.False);
    }

    [Test]
    public void Another_port_is_another_server()
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("box", 36911);

        Assert.That(RequestPath.TryParseUri("http://box:36911/a", request, "", out _), Is.EqualTo(UriOutcome.Here));
        Assert.That(RequestPath.TryParseUri("http://box/a", request, "", out _), Is.EqualTo(UriOutcome.OtherHost));
    }

    [Test]
    public void Any_text_is_a_path_or_refused()
    {
        Gen.String[Gen.Char["/%.aA0129fF?#:@[]h \u00e9\ud800\udc00\0"], 0, 30]
            .Sample(text =>
            {
                if (!RequestPath.TryParseTarget(text, "", out var path))
                {
                    return true;
                }

                return VirtualPath.TryParse(path.Path.Value, out var again)
                    && again == path.Path
                    && !path.Raw.Contains('?', StringComparison.Ordinal);
            });
    }

    [Test]
    public void Any_escaped_bytes_are_what_they_are_or_refused()
    {
        Gen.Byte.Array[1, 12]
            .Sample(bytes =>
            {
                var target = "/" + string.Concat(bytes.Select(b => $"%{b:x2}"));
                var accepted = RequestPath.TryParseTarget(target, "", out var path);
                string? text;
                try
                {
                    text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
                }
                catch (DecoderFallbackException)
                {
                    text = null;
                }

                return text is not null && VirtualPath.IsSegment(text) ? accepted && path.Path.Name == text : !accepted;
            });
    }

    [Test]
    public void What_href_writes_is_read_back()
    {
        var name = Gen.String[Gen.Char["ab %?#&+;:@\\\u00e9\u0301\u20ac\u202e~-._'()\"<>\u0001"], 1, 20]
            .Where(text => VirtualPath.IsSegment(text));
        name.Array[0, 4]
            .Sample(names =>
            {
                var path = names.Aggregate(VirtualPath.Root, (folder, segment) => folder.Append(segment));
                var file = Href.Of(path, isDirectory: false);
                var folder = Href.Of(path, isDirectory: true, "/fs");
                return RequestPath.TryParseTarget(file, "", out var one)
                    && one.Path == path
                    && RequestPath.TryParseTarget(folder, "/fs", out var two)
                    && two.Path == path
                    && two.HasTrailingSlash;
            });
    }
}
