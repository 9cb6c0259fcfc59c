using System.Net;
using System.Text;

namespace Distribyted.Web.Tests.Pages;

/// <summary>Users sign in with a page and stay signed in by a cookie; programs do as ever.</summary>
[CancelAfter(60_000)]
internal sealed class SignInPageTests
{
    private WebBed _bed = null!;
    private Browser _browser = null!;

    [SetUp]
    public async Task Start()
    {
        _bed = await WebBed.StartAsync(CancellationToken.None);
        _browser = new Browser(_bed.Client.BaseAddress!);
    }

    [TearDown]
    public async Task Stop()
    {
        _browser.Dispose();
        await _bed.DisposeAsync();
    }

    [TestCase("/", "/login")]
    [TestCase("/fs/", "/login?return=%2Ffs%2F")]
    [TestCase("/fs/a%20b/?tar", "/login?return=%2Ffs%2Fa%2520b%2F%3Ftar")]
    [TestCase("/api/v1/docs/", "/login?return=%2Fapi%2Fv1%2Fdocs%2F")]
    [TestCase("/nothing", "/login?return=%2Fnothing")]
    public async Task A_browser_that_asks_for_a_page_is_sent_to_the_sign_in(
        string address,
        string page,
        CancellationToken cancellationToken
    )
    {
        using var answer = await _browser.GetAsync(address, cancellationToken);

        Assert.That((int)answer.StatusCode, Is.EqualTo(302));
        Assert.That(answer.Headers.Location?.OriginalString, Is.EqualTo(page));
        Assert.That(answer.Headers.WwwAuthenticate, Is.Empty);
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
    }

    [TestCase("GET", "*/*", "", "")]
    [TestCase("GET", "", "", "")]
    [TestCase("GET", "application/json", "", "")]
    [TestCase("POST", "text/html", "", "")]
    [TestCase("PROPFIND", "text/html", "", "")]
    [TestCase("GET", "text/html", "Range", "bytes=0-")]
    [TestCase("GET", "text/html", "Authorization", "Basic eDp5")]
    [TestCase("GET", "text/html", "Authorization", "Bearer x")]
    public async Task A_program_is_asked_for_Digest_and_Basic(
        string method,
        string accept,
        string header,
        string value,
        CancellationToken cancellationToken
    )
    {
        using var answer = await _browser.SendAsync(
            method,
            "/fs/",
            null,
            cancellationToken,
            ("Accept", accept),
            (header.Length > 0 ? header : "X-None", value)
        );

        Assert.That((int)answer.StatusCode, Is.EqualTo(401));
        Assert.That(answer.Headers.WwwAuthenticate.Select(static c => c.Scheme), Is.EqualTo(["Digest", "Digest", "Basic"]));
    }

    [TestCase("cors", "*/*")]
    [TestCase("no-cors", "text/html")]
    [TestCase("websocket", "*/*")]
    public async Task What_a_page_asks_for_is_refused_without_a_window_of_the_browser(
        string mode,
        string accept,
        CancellationToken cancellationToken
    )
    {
        using var answer = await _browser.SendAsync(
            "GET",
            "/api/routes",
            null,
            cancellationToken,
            ("Accept", accept),
            ("Sec-Fetch-Mode", mode)
        );

        Assert.That((int)answer.StatusCode, Is.EqualTo(401));
        Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Cookie realm=\"distribyted\""));
    }

    [Test]
    public async Task The_page_needs_no_script_and_loads_nothing(CancellationToken cancellationToken)
    {
        using var answer = await _browser.GetAsync("/login", cancellationToken);
        var html = await answer.Content.ReadAsStringAsync(cancellationToken);

        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("http").And.Not.Contain("<link").And.Not.Contain("<img"));
        Assert.That(html, Does.Contain("autocomplete=\"username\"").And.Contain("autocomplete=\"current-password\""));
        Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; style-src 'sha256-"));
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
    }

    [Test]
    public async Task The_cookie_is_as_good_as_the_password(CancellationToken cancellationToken)
    {
        using var answer = await _browser.SignInAsync(cancellationToken, address: "/login?return=%2Ffs%2F%3Fx%3D1");

        Assert.That((int)answer.StatusCode, Is.EqualTo(303));
        Assert.That(answer.Headers.Location?.OriginalString, Is.EqualTo("/fs/?x=1"));
        foreach (var address in new[] { "/fs/", "/api/routes", "/api/v1/routes", "/api/v1/openapi.json", "/api/v1/events" })
        {
            using var page = await _browser.GetAsync(address, cancellationToken);
            Assert.That((int)page.StatusCode, Is.EqualTo(200), address);
        }

        using var again = await _browser.GetAsync("/login?return=%2Ffs%2F", cancellationToken);
        Assert.That(((int)again.StatusCode, again.Headers.Location?.OriginalString), Is.EqualTo((303, "/fs/")));
    }

    [Test]
    public async Task The_cookie_is_for_requests_of_our_own_pages_alone(CancellationToken cancellationToken)
    {
        using var answer = await _browser.SignInAsync(cancellationToken);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(static c => !c.Contains("-form=", StringComparison.Ordinal));
        Assert.That(cookie, Does.Match("^distribyted-[0-9]+=[A-Za-z0-9_-]{43}; max-age=7776000; path=/; samesite=lax; httponly$"));
    }

    [Test]
    public async Task Each_sign_in_makes_a_new_id_whatever_the_browser_brought(CancellationToken cancellationToken)
    {
        (await _browser.SignInAsync(cancellationToken)).Dispose();
        var first = _browser.Session!.Value;
        using var other = new Browser(_bed.Client.BaseAddress!);
        other.Cookies.Add(new Cookie(_browser.Session.Name, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/", "127.0.0.1"));

        (await other.SignInAsync(cancellationToken)).Dispose();

        Assert.That(other.Session!.Value, Is.Not.EqualTo(first).And.Not.StartsWith("AAAAAAAAAAAAAAAA"));
        using var page = await other.GetAsync("/fs/", cancellationToken);
        Assert.That((int)page.StatusCode, Is.EqualTo(200));
    }

    [TestCase("anna", "wrong")]
    [TestCase("anna", "")]
    [TestCase("other", "secret")]
    [TestCase("", "secret")]
    [TestCase("anna:secret", "")]
    [TestCase("\"><script>", "x")]
    public async Task A_wrong_password_is_said_on_the_page(string name, string password, CancellationToken cancellationToken)
    {
        using var answer = await _browser.SignInAsync(cancellationToken, name, password, "/login?return=%2Ffs%2F");

        var html = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)answer.StatusCode, Is.EqualTo(401));
        Assert.That(html, Does.Contain("role=\"alert\"").And.Contain("No user has this name and password"));
        Assert.That(html, Does.Contain("value=\"/fs/\"").And.Not.Contain("<script"));
        Assert.That(html, password.Length == 0 ? Is.Not.Empty : Does.Not.Contain($"value=\"{password}\""));
        Assert.That(_browser.Session, Is.Null);
        Assert.That(answer.Headers.WwwAuthenticate.ToString(), Does.Not.Contain("Basic"));
    }

    [Test]
    public async Task Wrong_passwords_of_the_page_and_of_programs_count_together(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
        {
            using var page = await _browser.SignInAsync(cancellationToken, password: $"page {i}");
            Assert.That((int)page.StatusCode, Is.EqualTo(401));
            var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"anna:program {i}"));
            using var program = await _browser.SendAsync("GET", "/fs/", null, cancellationToken, ("Authorization", basic));
            Assert.That((int)program.StatusCode, Is.EqualTo(401));
        }

        using var locked = await _browser.SignInAsync(cancellationToken);

        Assert.That((int)locked.StatusCode, Is.EqualTo(429));
        Assert.That(locked.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(60)).Within(TimeSpan.FromSeconds(30)));
        Assert.That(await locked.Content.ReadAsStringAsync(cancellationToken), Does.Contain("Too many wrong passwords. Try again in "));
        Assert.That((await _bed.SendAsync("GET", "/fs/", cancellationToken)).Status, Is.EqualTo(429));
    }

    [TestCase("//evil.example")]
    [TestCase("///evil.example")]
    [TestCase("/\\evil.example")]
    [TestCase("\\\\evil.example")]
    [TestCase("https://evil.example/")]
    [TestCase("javascript:alert(1)")]
    [TestCase("/\t/evil.example")]
    [TestCase("/\n/evil.example")]
    [TestCase("/a\r\nSet-Cookie: x=y")]
    [TestCase(" //evil.example")]
    [TestCase("evil.example")]
    [TestCase("/\u00e9")]
    [TestCase("")]
    public async Task The_sign_in_sends_no_user_elsewhere(string wanted, CancellationToken cancellationToken)
    {
        var address = "/login?return=" + Uri.EscapeDataString(wanted);

        using var answer = await _browser.SignInAsync(cancellationToken, address: address);
        using var again = await _browser.GetAsync(address, cancellationToken);
        using var form = await _browser.SubmitAsync("/logout", cancellationToken, ("return", wanted));

        Assert.That((answer.StatusCode, answer.Headers.Location?.OriginalString), Is.EqualTo((HttpStatusCode.SeeOther, "/")));
        Assert.That(again.Headers.Location?.OriginalString, Is.EqualTo("/"));
        Assert.That(form.Headers.Location?.OriginalString, Is.EqualTo("/login"));
        Assert.That(answer.Headers.Contains("x"), Is.False);
    }

    [Test]
    public async Task A_form_that_is_not_of_this_browser_signs_no_user_in(CancellationToken cancellationToken)
    {
        using var other = new Browser(_bed.Client.BaseAddress!);
        using var page = await other.GetAsync("/login", cancellationToken);
        var token = (await page.Content.ReadAsStringAsync(cancellationToken)).Split("name=\"token\" value=\"")[1].Split('"')[0];

        using var wrong = await _browser.SubmitAsync(
            "/login",
            cancellationToken,
            ("name", "anna"),
            ("password", "secret"),
            ("token", token)
        );
        using var none = await _browser.SubmitAsync("/login", cancellationToken, ("name", "anna"), ("password", "secret"), ("token", ""));
        using var json = new StringContent("{\"name\":\"anna\",\"password\":\"secret\"}", Encoding.UTF8, "application/json");
        using var otherType = await _browser.SendAsync("POST", "/login", json, cancellationToken, ("Origin", _browser.Origin));
        using var large = new FormUrlEncodedContent([KeyValuePair.Create("name", new string('x', 20_000))]);
        using var tooLong = await _browser.SendAsync("POST", "/login", large, cancellationToken, ("Origin", _browser.Origin));

        Assert.That(new[] { wrong, none, otherType, tooLong }.Select(static a => (int)a.StatusCode), Is.EqualTo([400, 400, 400, 400]));
        Assert.That(_browser.Session, Is.Null);
    }

    [Test]
    public async Task Signing_out_ends_this_browsers_session_and_its_open_requests(CancellationToken cancellationToken)
    {
        using var other = new Browser(_bed.Client.BaseAddress!);
        (await _browser.SignInAsync(cancellationToken)).Dispose();
        (await other.SignInAsync(cancellationToken)).Dispose();
        var cookie = _browser.Session!;
        using var events = await _browser.GetAsync("/api/v1/events", cancellationToken, "text/event-stream");
        using var othersEvents = await other.GetAsync("/api/v1/events", cancellationToken, "text/event-stream");
        var end = events.Content.ReadAsStringAsync(cancellationToken);
        var othersEnd = othersEvents.Content.ReadAsStringAsync(cancellationToken);

        using var answer = await _browser.SubmitAsync("/logout", cancellationToken, ("which", "here"));

        Assert.That((int)answer.StatusCode, Is.EqualTo(303));
        Assert.That(_browser.Session, Is.Null, "the browser forgets it");
        Assert.That(async () => await end, Throws.InstanceOf<Exception>().And.Not.InstanceOf<OperationCanceledException>(), "cut");
        _browser.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", "127.0.0.1"));
        using var page = await _browser.GetAsync("/fs/", cancellationToken);
        Assert.That((int)page.StatusCode, Is.EqualTo(302), "and so does the server");
        using var othersPage = await other.GetAsync("/fs/", cancellationToken);
        Assert.That((int)othersPage.StatusCode, Is.EqualTo(200));
        Assert.That(othersEnd.IsCompleted, Is.False);
    }

    [Test]
    public async Task Signing_out_everywhere_ends_all_sessions_of_the_user(CancellationToken cancellationToken)
    {
        using var other = new Browser(_bed.Client.BaseAddress!);
        (await _browser.SignInAsync(cancellationToken)).Dispose();
        (await other.SignInAsync(cancellationToken)).Dispose();

        (await _browser.SubmitAsync("/logout", cancellationToken, ("which", "everywhere"))).Dispose();

        using var page = await other.GetAsync("/fs/", cancellationToken);
        Assert.That((int)page.StatusCode, Is.EqualTo(302));
    }

    [Test]
    public async Task Signing_out_needs_the_form_of_this_session(CancellationToken cancellationToken)
    {
        (await _browser.SignInAsync(cancellationToken)).Dispose();

        using var answer = await _browser.SubmitAsync("/logout", cancellationToken, ("which", "everywhere"), ("token", "x"));

        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        using var page = await _browser.GetAsync("/fs/", cancellationToken);
        Assert.That((int)page.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task An_Authorization_header_goes_before_the_cookie(CancellationToken cancellationToken)
    {
        (await _browser.SignInAsync(cancellationToken)).Dispose();

        using var answer = await _browser.SendAsync("GET", "/fs/", null, cancellationToken, ("Authorization", "Basic eDp5"));

        Assert.That((int)answer.StatusCode, Is.EqualTo(401));
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:4444")]
    public async Task Under_a_name_that_is_not_ours_no_user_signs_in_nor_is_signed_in(string host, CancellationToken cancellationToken)
    {
        (await _browser.SignInAsync(cancellationToken)).Dispose();
        var cookie = $"distribyted={_browser.Session!.Value}; distribyted-4444={_browser.Session.Value}";
        using var unknown = new Browser(_bed.Client.BaseAddress!);

        using var page = await unknown.SendAsync("GET", "/fs/", null, cancellationToken, ("Accept", "text/html"), ("Host", host));
        using var signIn = await unknown.SendAsync("GET", "/login", null, cancellationToken, ("Host", host));
        using var post = await unknown.SendAsync("POST", "/login", new StringContent(""), cancellationToken, ("Host", host));
        using var withCookie = await unknown.SendAsync("GET", "/api/routes", null, cancellationToken, ("Cookie", cookie), ("Host", host));

        Assert.That(new[] { page, signIn, post, withCookie }.Select(static a => (int)a.StatusCode), Is.EqualTo([421, 421, 421, 421]));
        Assert.That(await page.Content.ReadAsStringAsync(cancellationToken), Does.Contain("http.allowed_hosts"));
    }
}
