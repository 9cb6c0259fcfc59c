using CsCheck;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Headers;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Tests.Headers;

internal sealed class HeaderTests
{
    [TestCase("(<urn:x>)", "|+urn:x")]
    [TestCase("(<urn:x>) (Not <DAV:no-lock>)", "|+urn:x |-DAV:no-lock")]
    [TestCase("(<urn:x> [\"a]b\"] Not [W/\"c\"])", "|+urn:x,+\"a]b\",-W/\"c\"")]
    [TestCase("<http://h/a> (<urn:x>) (<urn:y>) </b> (not<urn:z>)", "http://h/a|+urn:x http://h/a|+urn:y /b|-urn:z")]
    [TestCase("</Film%20(2010)> (<urn:x>)", "/Film%20(2010)|+urn:x")]
    public void Lists_are_understood(string text, string expected)
    {
        var lists = IfHeader.Parse(text).Lists;

        var read = lists.Select(list =>
            $"{list.Resource}|{string.Join(',', list.Conditions.Select(one => (one.Not ? "-" : "+") + (one.Token ?? one.ETag)))}"
        );
        Assert.That(string.Join(' ', read), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("(")]
    [TestCase("()")]
    [TestCase("<>")]
    [TestCase("(<>)")]
    [TestCase("Not")]
    [TestCase("(Not)")]
    [TestCase("(<urn:x> [\"e\")")]
    [TestCase("([e])")]
    [TestCase("<http://x/> (")]
    [TestCase("<http://x/>")]
    [TestCase("<http://x/> <http://y/> (<urn:x>)")]
    [TestCase("(<urn:x>) <http://x/> (<urn:y>)")]
    [TestCase("<urn:x>)")]
    public void What_is_no_list_is_refused(string text)
    {
        Assert.That(Assert.Throws<WebDavException>(() => IfHeader.Parse(text))!.Status, Is.EqualTo(400));
    }

    [Test]
    public void Any_text_is_read_or_refused()
    {
        string[] words = ["(", ")", "<", ">", "[", "]", "\"", "Not", "no", " ", "\t", "urn:x", "W/", "http://h/", "DAV:no-lock", "ä"];
        var pieces = Gen.Int[0, words.Length - 1].Select(i => words[i]);
        pieces
            .Array[0, 20]
            .Sample(
                parts =>
                {
                    try
                    {
                        return IfHeader.Parse(string.Concat(parts)).Lists.Count > 0;
                    }
                    catch (WebDavException e)
                    {
                        return e.Status == 400;
                    }
                },
                iter: 10_000
            );
    }

    [TestCase(null, 600)]
    [TestCase("", 600)]
    [TestCase("Second-2", 2)]
    [TestCase("Second-0", 1)]
    [TestCase("Infinite", 3600)]
    [TestCase("Infinite, Second-4100000000", 3600)]
    [TestCase("Second-4294967295", 3600)]
    [TestCase("Second-99999999999999999999999", 3600)]
    [TestCase("Extend, Second-30, Second-40", 30)]
    [TestCase("Second-", 600)]
    [TestCase("Second--5", 600)]
    [TestCase("garbage", 600)]
    public void A_timeout_is_asked_for_and_clamped(string? header, int seconds)
    {
        Assert.That(TimeoutHeader.Read(header, TimeSpan.FromHours(1)), Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase("0", Depth.Zero)]
    [TestCase("1", Depth.One)]
    [TestCase("infinity", Depth.Infinity)]
    [TestCase("Infinity", Depth.Infinity)]
    [TestCase(null, null)]
    public void A_depth_is_understood(string? header, object? depth)
    {
        Assert.That(DepthHeader.Read(Headers(header)), Is.EqualTo(depth));
    }

    [TestCase("2")]
    [TestCase("-1")]
    [TestCase("foo")]
    [TestCase("0, 1")]
    [TestCase("99999999999999999999")]
    public void What_is_no_depth_is_refused(string header)
    {
        Assert.That(Assert.Throws<WebDavException>(() => DepthHeader.Read(Headers(header)))!.Status, Is.EqualTo(400));
    }

    private static HeaderDictionary Headers(string? depth)
    {
        var headers = new HeaderDictionary();
        if (depth is not null)
        {
            headers["Depth"] = depth;
        }

        return headers;
    }
}
