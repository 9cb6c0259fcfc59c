using System.Text;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Tests.Wire;
using Distribyted.Http.Users;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Authentication;

[TestFixture]
public sealed class SignInTests
{
    private static readonly HttpAccessOptions Options = new()
    {
        Users = [HttpUser.Create("admin", "s:cret%"), HttpUser.Create("J\u00e4s", "p\u00e4ss")],
    };

    private SettableClock _time = null!;
    private ListenerHost _host = null!;

    [SetUp]
    public async Task Start()
    {
        _time = new SettableClock();
        var files = new MemoryFs(_time);
        files.AddFile("/x.txt", "content"u8.ToArray());
        files.AddFile("/\u00e9 y.txt", "content"u8.ToArray());
        files.AddFile("/a [b] (c) & d.txt", "content"u8.ToArray());
        _host = await ListenerHost.StartAsync(files, Options, _time);
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
    }

    [TestCase("GET"), TestCase("HEAD"), TestCase("OPTIONS"), TestCase("PROPFIND"), TestCase("LOCK"), TestCase("FROB"), CancelAfter(60_000)]
    public async Task Every_method_is_challenged_alike_and_in_one_order(string method, CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync($"{method} /x.txt HTTP/1.1", cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(401));
        var challenges = answer.All("WWW-Authenticate");
        Assert.That(challenges, Has.Length.EqualTo(3));
        Assert.That(challenges[0], Does.StartWith("Digest realm=\"distribyted\", qop=\"auth\", algorithm=SHA-256, nonce=\""));
        Assert.That(challenges[1], Does.StartWith("Digest realm=\"distribyted\", qop=\"auth\", algorithm=MD5, nonce=\""));
        Assert.That(challenges[2], Is.EqualTo("Basic realm=\"distribyted\", charset=\"UTF-8\""));
        Assert.That(challenges, Has.None.Contain("stale"));
    }

    [
        TestCase("admin", "s:cret%", "Basic"),
        TestCase("admin", "s:cret%", "bAsIc"),
        TestCase("J\u00e4s", "p\u00e4ss", "Basic"),
        CancelAfter(60_000)
    ]
    public async Task Basic_lets_in(string user, string password, string scheme, CancellationToken cancellationToken)
    {
        Assert.That(await StatusAsync($"{scheme} {Base64(user + ":" + password)}", cancellationToken), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task Basic_in_latin_1_lets_in(CancellationToken cancellationToken)
    {
        var credentials = Convert.ToBase64String(Encoding.Latin1.GetBytes("J\u00e4s:p\u00e4ss"));

        Assert.That(await StatusAsync("Basic " + credentials, cancellationToken), Is.EqualTo(200));
    }

    [
        TestCase("admin:wrong"),
        TestCase("admin:"),
        TestCase("Admin:s:cret%"),
        TestCase("unknown:s:cret%"),
        TestCase(":"),
        TestCase("admin:s:cret%x"),
        TestCase("admin"),
        CancelAfter(60_000)
    ]
    public async Task Basic_keeps_out(string credentials, CancellationToken cancellationToken)
    {
        Assert.That(await StatusAsync("Basic " + Base64(credentials), cancellationToken), Is.EqualTo(401));
    }

    [
        TestCase("Basic"),
        TestCase("Basic !!!"),
        TestCase("basic"),
        TestCase("Bearer x"),
        TestCase("Digest"),
        TestCase("Digest x"),
        TestCase("Digest username=\"x\""),
        TestCase("Digest username=\"")
    ]
    [TestCase("Digest username=\"u\", nonce=, uri="), TestCase("x"), CancelAfter(60_000)]
    public async Task What_cannot_be_read_is_challenged_and_never_counted(string header, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.That(await StatusAsync(header, cancellationToken), Is.EqualTo(401));
        }

        Assert.That(await StatusAsync("Basic " + Base64("admin:s:cret%"), cancellationToken), Is.EqualTo(200));
    }

    [TestCase("MD5", true), TestCase("MD5", false), TestCase("SHA-256", true), CancelAfter(60_000)]
    public async Task Digest_lets_in_many_times_with_one_nonce(string algorithm, bool nameAlgorithm, CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);
        foreach (var (method, uri) in new[] { ("GET", "/x.txt"), ("HEAD", "/x.txt"), ("GET", "/%c3%a9%20y.txt?q=1") })
        {
            var answer = await _host.AskAsync(
                $"{method} {uri} HTTP/1.1\nAuthorization: {DigestAnswer.Of(nonce, "admin", "s:cret%", method, uri, algorithm, nameAlgorithm)}",
                cancellationToken
            );

            Assert.That(answer.Status, Is.EqualTo(200), uri);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Digest_keeps_out_the_wrong_password_and_the_unknown_user(CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);

        Assert.That(await StatusAsync(DigestAnswer.Of(nonce, "admin", "wrong", "GET", "/x.txt"), cancellationToken), Is.EqualTo(401));
        Assert.That(await StatusAsync(DigestAnswer.Of(nonce, "unknown", "s:cret%", "GET", "/x.txt"), cancellationToken), Is.EqualTo(401));
        Assert.That(await StatusAsync(DigestAnswer.Of(nonce, "admin", "s:cret%", "PUT", "/x.txt"), cancellationToken), Is.EqualTo(401));
        Assert.That(
            await StatusAsync(
                DigestAnswer.Of(nonce, "admin", "s:cret%", "GET", "/x.txt").Replace("=MD5", "=SHA-512-256", StringComparison.Ordinal),
                cancellationToken
            ),
            Is.EqualTo(401)
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task One_answer_does_not_open_every_file(CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);

        foreach (var other in new[] { "/", "/y.txt", "/x.txt?q", "/x.txt/../y.txt", "http://test/", "x" })
        {
            var answer = await _host.AskAsync(
                $"GET /x.txt HTTP/1.1\nAuthorization: {DigestAnswer.Of(nonce, "admin", "s:cret%", "GET", other)}",
                cancellationToken
            );

            Assert.That((answer.Status, answer.All("WWW-Authenticate").Length), Is.EqualTo((401, 3)), other);
        }
    }

    // nginx (proxy_pass with a path) and Apache (without nocanon) spell the path anew, and the header stays as the client wrote it.
    [
        TestCase("/a%20%5bb%5d%20%28c%29%20%26%20d.txt", "/a%20[b]%20(c)%20&%20d.txt"),
        TestCase("/a%20[b]%20(c)%20&%20d.txt", "/a%20%5bb%5d%20%28c%29%20%26%20d.txt"),
        TestCase("/%c3%a9%20y.txt", "/%C3%A9%20y.txt"),
        TestCase("//x.txt", "/x.txt"),
        TestCase("http://dav.example/x.txt?q=%5b", "/x.txt?q=%5b"),
        CancelAfter(60_000)
    ]
    public async Task A_path_that_a_proxy_spells_anew_is_the_same_path(string uri, string target, CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);

        var answer = await _host.AskAsync(
            $"GET {target} HTTP/1.1\nAuthorization: {DigestAnswer.Of(nonce, "admin", "s:cret%", "GET", uri)}",
            cancellationToken
        );

        Assert.That(answer.Status, Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_cannot_be_a_path_is_compared_as_it_is(CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);

        var answer = await _host.AskAsync(
            $"GET /a%2Fb HTTP/1.1\nAuthorization: {DigestAnswer.Of(nonce, "admin", "s:cret%", "GET", "/a%2Fb")}",
            cancellationToken
        );

        Assert.That(answer.Status, Is.EqualTo(400), "signed in, and then refused");
    }

    [TestCase("PUT", false), TestCase("DELETE", false), TestCase("LOCK", false), TestCase("GET", true), TestCase("PROPFIND", true)]
    [CancelAfter(60_000)]
    public async Task An_overheard_digest_changes_nothing_a_second_time(string method, bool isReading, CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);
        var request = $"{method} /x.txt HTTP/1.1\nAuthorization: {DigestAnswer.Of(nonce, "admin", "s:cret%", method, "/x.txt")}";

        var first = await _host.AskAsync(request, cancellationToken);
        var again = await _host.AskAsync(request, cancellationToken);

        Assert.That((first.Status, again.Status), Is.EqualTo((200, isReading ? 200 : 401)));
        if (!isReading)
        {
            Assert.That(again["WWW-Authenticate"], Does.Contain("stale=true").And.Not.Contain(nonce));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_client_that_was_left_with_an_old_password_locks_no_user_out(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 40; i++)
        {
            Assert.That(await StatusAsync("Basic " + Base64("admin:old"), cancellationToken), Is.EqualTo(401));
            var digest = DigestAnswer.Of(await NonceAsync(cancellationToken), "admin", "old", "GET", "/x.txt");
            Assert.That(await StatusAsync(digest + "\nUser-Agent: old player", cancellationToken), Is.EqualTo(i < 10 ? 401 : 429));
        }

        var right = DigestAnswer.Of(await NonceAsync(cancellationToken), "admin", "s:cret%", "GET", "/x.txt");
        Assert.That(await StatusAsync("Basic " + Base64("admin:s:cret%"), cancellationToken), Is.EqualTo(200));
        Assert.That(await StatusAsync(right + "\nUser-Agent: another", cancellationToken), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_old_or_forged_nonce_is_stale_and_not_counted(CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(cancellationToken);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await StatusAsync(DigestAnswer.Of(nonce, "admin", "s:cret%", "GET", "/x.txt"), cancellationToken), Is.EqualTo(200));
        _time.Advance(TimeSpan.FromSeconds(1));

        foreach (var old in new[] { nonce, "Zm9yZ2VkLW5vbmNlLTEyMzQ1Njc4", new string('A', 32), "x" })
        {
            for (var i = 0; i < 12; i++)
            {
                var answer = await _host.AskAsync(
                    $"GET /x.txt HTTP/1.1\nAuthorization: {DigestAnswer.Of(old, "admin", "wrong", "GET", "/x.txt")}",
                    cancellationToken
                );
                Assert.That(answer.Status, Is.EqualTo(401));
                Assert.That(answer.All("WWW-Authenticate")[..2], Is.All.Contain(", stale=true"));
            }
        }

        Assert.That(await StatusAsync("Basic " + Base64("admin:s:cret%"), cancellationToken), Is.EqualTo(200));
    }

    [TestCase(-400), TestCase(400), CancelAfter(60_000)]
    public async Task A_clock_that_is_set_ends_no_nonce_and_keeps_none(int days, CancellationToken cancellationToken)
    {
        var digest = DigestAnswer.Of(await NonceAsync(cancellationToken), "admin", "s:cret%", "GET", "/x.txt");

        _time.SetWallClock(TimeSpan.FromDays(days));
        Assert.That(await StatusAsync(digest, cancellationToken), Is.EqualTo(200));

        _time.Advance(TimeSpan.FromSeconds(301));
        Assert.That(await StatusAsync(digest, cancellationToken), Is.EqualTo(401));
    }

    [Test, CancelAfter(60_000)]
    public async Task Ten_wrong_passwords_start_a_back_off_that_doubles(CancellationToken cancellationToken)
    {
        var right = "Basic " + Base64("admin:s:cret%");
        for (var i = 0; i < 10; i++)
        {
            Assert.That(await StatusAsync(Wrong(i), cancellationToken), Is.EqualTo(401));
        }

        var locked = await _host.AskAsync($"GET /x.txt HTTP/1.1\nAuthorization: {right}", cancellationToken);
        Assert.That((locked.Status, locked["Retry-After"], locked["WWW-Authenticate"]), Is.EqualTo((429, "60", default(string))));

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(await StatusAsync(Wrong(10), cancellationToken), Is.EqualTo(401));
        Assert.That(
            (await _host.AskAsync($"GET /x.txt HTTP/1.1\nAuthorization: {right}", cancellationToken))["Retry-After"],
            Is.EqualTo("120")
        );

        _time.Advance(TimeSpan.FromSeconds(120));
        Assert.That(await StatusAsync(right, cancellationToken), Is.EqualTo(200));
        Assert.That(await StatusAsync(Wrong(11), cancellationToken), Is.EqualTo(401));
        Assert.That(await StatusAsync(right, cancellationToken), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_right_password_in_time_forgets_the_wrong_ones(CancellationToken cancellationToken)
    {
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 9; i++)
            {
                Assert.That(await StatusAsync(Wrong(i), cancellationToken), Is.EqualTo(401));
            }

            Assert.That(await StatusAsync("Basic " + Base64("admin:s:cret%"), cancellationToken), Is.EqualTo(200));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task One_user_locked_out_does_not_lock_out_another(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 12; i++)
        {
            await StatusAsync(Wrong(i), cancellationToken);
        }

        Assert.That(await StatusAsync("Basic " + Base64("J\u00e4s:p\u00e4ss"), cancellationToken), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_unknown_user_is_locked_out_like_a_known_one(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.That(await StatusAsync("Basic " + Base64("unknown:wrong" + i), cancellationToken), Is.EqualTo(401));
        }

        Assert.That(await StatusAsync("Basic " + Base64("unknown:wrong"), cancellationToken), Is.EqualTo(429));
    }

    [TestCase(true, true, 200), TestCase(true, false, 401), TestCase(false, false, 200), CancelAfter(60_000)]
    public async Task A_listener_may_ask_for_no_sign_in(bool required, bool trustLoopback, int status, CancellationToken cancellationToken)
    {
        var files = new MemoryFs();
        files.AddFile("/x.txt", new byte[1]);
        await using var host = await ListenerHost.StartAsync(
            files,
            new HttpAccessOptions { TrustLoopback = trustLoopback },
            listener: new Listener("webdav", required, UserRights.Full, SignInPage: null)
        );

        Assert.That((await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken)).Status, Is.EqualTo(status));
    }

    [Test, CancelAfter(60_000)]
    public async Task Users_change_with_the_next_request(CancellationToken cancellationToken)
    {
        var options = new HttpAccessOptions { Digest = false };
        var files = new MemoryFs();
        files.AddFile("/x.txt", new byte[1]);
        await using var host = await ListenerHost.StartAsync(files, options);
        var request = "GET /x.txt HTTP/1.1\nAuthorization: Basic " + Base64("new:user");

        var before = await host.AskAsync(request, cancellationToken);
        options.Users = [HttpUser.Create("new", "user")];

        Assert.That((before.Status, before["WWW-Authenticate"]), Is.EqualTo((401, "Basic realm=\"distribyted\", charset=\"UTF-8\"")));
        Assert.That((await host.AskAsync(request, cancellationToken)).Status, Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task Nothing_in_an_answer_tells_whether_a_user_exists(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 12; i++)
        {
            var known = await AnswerAsync("Basic " + Base64("admin:wrong" + i), cancellationToken);
            var unknown = await AnswerAsync("Basic " + Base64("nobod:wrong" + i), cancellationToken);

            Assert.That(unknown, Is.EqualTo(known));
            Assert.That(known.Status, Is.EqualTo(i < 10 ? 401 : 429));
        }

        async Task<(int Status, string Text, string? Retry, int Challenges)> AnswerAsync(string header, CancellationToken token)
        {
            var answer = await _host.AskAsync($"GET /x.txt HTTP/1.1\nAuthorization: {header}", token);
            return (answer.Status, answer.Text, answer["Retry-After"], answer.All("WWW-Authenticate").Length);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task With_require_tls_a_plain_port_takes_no_password_and_asks_for_none(CancellationToken cancellationToken)
    {
        var files = new MemoryFs();
        files.AddFile("/x.txt", new byte[1]);
        var options = Options with { RequireTls = true, TlsPort = _ => 36912 };
        await using var host = await ListenerHost.StartAsync(files, options);

        foreach (var header in new[] { "", "\nAuthorization: Basic " + Base64("admin:s:cret%") })
        {
            var answer = await host.AskAsync($"GET /x.txt HTTP/1.1{header}", cancellationToken);

            Assert.That((answer.Status, answer["WWW-Authenticate"]), Is.EqualTo((403, default(string))));
            Assert.That(answer.Text, Does.Contain(":36912/"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task The_connection_goes_on_after_a_challenge(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);

        var first = await client.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);
        var second = await client.AskAsync("GET /x.txt HTTP/1.1\nAuthorization: Basic " + Base64("admin:s:cret%"), cancellationToken);

        Assert.That((first.Status, second.Status, second.Text), Is.EqualTo((401, 200, "content")));
    }

    private async Task<int> StatusAsync(string authorization, CancellationToken cancellationToken)
    {
        return (await _host.AskAsync("GET /x.txt HTTP/1.1\nAuthorization: " + authorization, cancellationToken)).Status;
    }

    private async Task<string> NonceAsync(CancellationToken cancellationToken)
    {
        return DigestAnswer.Nonce(await _host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken));
    }

    private static string Wrong(int number)
    {
        return "Basic " + Base64("admin:wrong" + number);
    }

    private static string Base64(string text)
    {
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }
}
