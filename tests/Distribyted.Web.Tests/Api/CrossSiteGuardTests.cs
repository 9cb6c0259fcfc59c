using Distribyted.Web.Api;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Tests.Api;

/// <summary>Which requests are refused because a page of another site made them (CSRF).</summary>
[TestFixture]
public sealed class CrossSiteGuardTests
{
    [TestCase("GET", "cross-site", "https://evil.example", false)]
    [TestCase("HEAD", "cross-site", "https://evil.example", false)]
    [TestCase("OPTIONS", "cross-site", "https://evil.example", false)]
    [TestCase("POST", "", "", false)]
    [TestCase("DELETE", "", "", false)]
    [TestCase("POST", "same-origin", "", false)]
    [TestCase("POST", "none", "", false)]
    [TestCase("POST", "same-site", "", true)]
    [TestCase("POST", "cross-site", "", true)]
    [TestCase("DELETE", "cross-site", "", true)]
    [TestCase("PUT", "cross-site", "", true)]
    [TestCase("FROB", "cross-site", "", true)]
    [TestCase("POST", "something", "", true)]
    [TestCase("POST", "cross-site", "http://box:4444", true)] // Sec-Fetch-Site decides where it is sent
    [TestCase("POST", "same-origin", "https://evil.example", false)]
    [TestCase("POST", "", "http://box:4444", false)]
    [TestCase("POST", "", "http://BOX:4444", false)]
    [TestCase("POST", "", "http://box", true)]
    [TestCase("POST", "", "http://box:4445", true)]
    [TestCase("POST", "", "https://evil.example", true)]
    [TestCase("POST", "", "http://box.evil.example:4444", true)]
    [TestCase("POST", "", "null", true)]
    [TestCase("POST", "", "not an address", true)]
    public void Changes_are_taken_from_our_own_pages_and_from_programs(string method, string site, string origin, bool isRefused)
    {
        Assert.That(CrossSiteGuard.Refuses(Request(method, "box:4444", site, origin)), Is.EqualTo(isRefused));
    }

    [TestCase("box", "http://box", false)]
    [TestCase("box", "https://box", false)] // behind a proxy that speaks TLS
    [TestCase("box:443", "https://box", false)]
    [TestCase("[::1]:4444", "http://[::1]:4444", false)]
    [TestCase("127.0.0.1:4444", "http://localhost:4444", true)]
    public void The_port_of_the_origin_has_its_default(string host, string origin, bool isRefused)
    {
        Assert.That(CrossSiteGuard.Refuses(Request("POST", host, "", origin)), Is.EqualTo(isRefused));
    }

    [TestCase("GET", "", "", false)]
    [TestCase("POST", "", "", true)] // a browser says where a change comes from
    [TestCase("DELETE", "", "", true)]
    [TestCase("PUT", "", "", true)]
    [TestCase("PATCH", "", "", true)]
    [TestCase("FROB", "", "", true)]
    [TestCase("POST", "same-origin", "", false)]
    [TestCase("POST", "none", "", false)]
    [TestCase("POST", "same-site", "", true)]
    [TestCase("POST", "", "http://box:4444", false)]
    [TestCase("POST", "", "http://box:4445", true)]
    [TestCase("POST", "", "null", true)]
    public void With_a_cookie_changes_have_to_say_where_they_come_from(string method, string site, string origin, bool isRefused)
    {
        var request = Request(method, "box:4444", site, origin);
        request.Headers.Cookie = "distribyted-4444=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

        Assert.That(CrossSiteGuard.Refuses(request), Is.EqualTo(isRefused));
    }

    [TestCase("", "http://box:4444", false)]
    [TestCase("same-origin", "http://box:4444", false)]
    [TestCase("", "http://box:8080", true)]
    [TestCase("same-site", "http://box:8080", true)]
    [TestCase("cross-site", "https://evil.example", true)]
    public void A_WebSocket_is_opened_by_our_own_pages_only(string site, string origin, bool isRefused)
    {
        var request = Request("GET", "box:4444", site, origin);
        request.Headers.Upgrade = "websocket";

        Assert.That(CrossSiteGuard.Refuses(request), Is.EqualTo(isRefused));
    }

    private static HttpRequest Request(string method, string host, string site, string origin)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Host = new HostString(host);
        request.Headers["Sec-Fetch-Site"] = site;
        request.Headers.Origin = origin;
        return request;
    }
}
