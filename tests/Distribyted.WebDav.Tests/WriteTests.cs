using System.Text;
using Distribyted.FileSystem;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Tests.Conversations;
using Distribyted.WebDav.Writing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.WebDav.Tests;

/// <summary>Writing as RFC 4918 and RFC 9110 have it.</summary>
internal sealed class WriteTests
{
    private const string Exclusive = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";

    private const string Labelled =
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><label xmlns='urn:x'>mine</label></D:prop></D:set></D:propertyupdate>";

    private string _uploads = "";

    [SetUp]
    public void NameFolder()
    {
        _uploads = Path.Combine(Path.GetTempPath(), "distribyted-test-" + Guid.NewGuid().ToString("N"));
    }

    [TearDown]
    public void RemoveFolder()
    {
        if (Directory.Exists(_uploads))
        {
            Directory.Delete(_uploads, recursive: true);
        }
    }

    [TestCase(WriteOutcome.Created, 201)]
    [TestCase(WriteOutcome.Replaced, 204)]
    [TestCase(WriteOutcome.Done, 204)]
    [TestCase(WriteOutcome.NotFound, 404)]
    [TestCase(WriteOutcome.NoParent, 409)]
    [TestCase(WriteOutcome.Exists, 405)]
    [TestCase(WriteOutcome.IsADirectory, 405)]
    [TestCase(WriteOutcome.Forbidden, 403)]
    [TestCase(WriteOutcome.Unsupported, 415)]
    [TestCase(WriteOutcome.Invalid, 422)]
    [TestCase(WriteOutcome.TooLarge, 413)]
    [TestCase(WriteOutcome.NoSpace, 507)]
    public async Task Every_outcome_has_its_status(WriteOutcome outcome, int status)
    {
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            tree: store => new RefusingFs(store, new WriteResult(outcome), refusesBeforeBody: false)
        );

        var answer = await server.AskAsync("PUT /inbox/x", [], "x");

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Header("Allow") is not null, Is.EqualTo(status == 405));
    }

    [TestCase("PUT /inbox/x")]
    [TestCase("MKCOL /inbox/x")]
    [TestCase("DELETE /films")]
    [TestCase("MOVE /films")]
    [TestCase("COPY /films")]
    [TestCase("LOCK /films")]
    [TestCase("UNLOCK /films")]
    public async Task Who_may_only_read_is_told_so(string request)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, tree: store => new ScopedFs(store, PathScope.All));

        var answer = await server.AskAsync(request, ["Destination: /other"], "");

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Xml.Name, Is.EqualTo(Answer.Dav + "error"));
        Assert.That(answer.Xml.Value, Is.EqualTo("You may read here, not write."));
    }

    [TestCase("TRACE /")]
    [TestCase("FROBNICATE /films")]
    [TestCase("SEARCH /")]
    [TestCase("PATCH /films/Sintel.mp4")]
    public async Task Unknown_methods_are_405_and_say_what_is_known(string request)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync(request);

        Assert.That(answer.Status, Is.EqualTo(405));
        Assert.That(answer.Header("Allow"), Does.Contain("PROPFIND"));
    }

    [TestCase("PROPFIND /films", "Depth: infinity")]
    [TestCase("PROPFIND /films", "X-No: depth")]
    public async Task Folders_are_not_listed_to_the_bottom(string request, string header)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync(request, [header]);

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Xml.Element(Answer.Dav + "propfind-finite-depth"), Is.Not.Null);
    }

    [TestCase("GET /films/../films/Sintel.mp4", 400)]
    [TestCase("GET /a%00b", 400)]
    [TestCase("GET /%zz", 400)]
    [TestCase("DELETE /films/#Sintel.mp4", 400)]
    [TestCase("PUT /inbox/a%0Ab", 403)]
    [TestCase("GET /films/Sintel.mp4/below", 404)]
    public async Task Paths_are_judged_before_anything_is_done(string request, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync(request, [], "")).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.Not.Null);
    }

    [TestCase("Content-Range: bytes 0-1/10", 400)]
    [TestCase("Content-Encoding: gzip", 415)]
    [TestCase("If-Match: \"other\"", 412)]
    [TestCase("If-None-Match: *", 412)]
    [TestCase("If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", 412)]
    [TestCase("If: (<DAV:no-lock>)", 412)]
    [TestCase("If: ([\"other\"])", 412)]
    [TestCase("If: (", 400)]
    public async Task A_put_that_may_not_be_leaves_the_file(string header, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [header], "new")).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.EqualTo(Tree.Content(120_000)));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(Spool.MaxInMemory)]
    [TestCase(Spool.MaxInMemory + 1)]
    public async Task Uploads_arrive_whole_wherever_they_wait(int length)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PUT /inbox/x", [], Tree.Content(length));

        Assert.That(answer.Status, Is.EqualTo(201));
        Assert.That(server.Store.Bytes("/inbox/x"), Is.EqualTo(Tree.Content(length)));
        Assert.That((await server.AskAsync("HEAD /inbox/x")).Header("ETag"), Is.EqualTo(answer.Header("ETag")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_upload_over_the_limit_is_413(bool chunked)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, maxUpload: 10);

        var answer = chunked
            ? await server.AskAsync("PUT /inbox/x", ["Transfer-Encoding: chunked"], "b\r\n01234567890\r\n0\r\n\r\n")
            : await server.AskAsync("PUT /inbox/x", [], "01234567890");

        Assert.That(answer.Status, Is.EqualTo(413));
        Assert.That(server.Store.Bytes("/inbox/x"), Is.Null);
    }

    [Test]
    public async Task Properties_that_clients_left_are_in_the_listing_of_their_folder()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Labelled);
        await server.AskAsync("PROPPATCH /films", [], Labelled);

        var everything = await server.AskAsync("PROPFIND /films", ["Depth: 1"]);
        var asked = await server.AskAsync(
            "PROPFIND /films",
            ["Depth: 1"],
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><label xmlns=\"urn:x\"/></D:prop></D:propfind>"
        );

        foreach (var answer in (Answer[])[everything, asked])
        {
            Assert.That(answer.Hrefs, Is.EqualTo(new[] { "/films/", "/films/Big%20Buck%20Bunny%20%282008%29/", "/films/Sintel.mp4" }));
            Assert.That(answer.Property("label", "urn:x", response: 0), Is.EqualTo((200, "mine")));
            Assert.That(answer.Property("label", "urn:x", response: 2), Is.EqualTo((200, "mine")));
        }

        Assert.That(everything.Property("label", "urn:x", response: 1), Is.Null);
        Assert.That(asked.Property("label", "urn:x", response: 1)?.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task An_upload_that_cannot_wait_on_disk_is_507()
    {
        const string NoFolder = "/dev/null/uploads";
        await using var server = await DavServer.StartAsync(Tree.Fill, new WebDavOptions { SpoolFolder = NoFolder });

        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 1))).Status, Is.EqualTo(507));
        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory))).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task An_upload_that_the_disk_has_no_room_for_is_507_and_gives_back_what_it_set_aside()
    {
        var budget = new CountingBudget(most: Spool.MaxInMemory + 2);
        await using var server = await DavServer.StartAsync(Tree.Fill, new WebDavOptions { SpoolFolder = _uploads }, budget: budget);

        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 3))).Status, Is.EqualTo(507));
        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 2))).Status, Is.EqualTo(201));
        Assert.That(budget.Reserved, Is.Zero);
        Assert.That(Directory.EnumerateFiles(_uploads), Is.Empty, "made when it was needed, and empty");
    }

    [Test]
    public async Task An_upload_that_is_torn_off_leaves_what_was_there()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        using (var socket = await server.ConnectAsync())
        {
            await socket.SendAsync(
                Encoding.ASCII.GetBytes("PUT /films/Sintel.mp4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ntorn")
            );
        }

        Assert.That((await server.AskAsync("GET /films/Sintel.mp4")).Body, Is.EqualTo(Tree.Content(120_000)));
    }

    [TestCase(null, 400)]
    [TestCase("::::", 400)]
    [TestCase("/%zz", 400)]
    [TestCase("http://other.example/x", 502)]
    [TestCase("/films/Sintel.mp4", 403)]
    [TestCase("/films", 403)]
    [TestCase("/nothing/here/x", 409)]
    [TestCase("/inbox/x", 201)]
    [TestCase("/music/Bj%C3%B6rk%20%26%20Co/01%2050%25%20%2B%20more%3F.flac", 204)]
    public async Task A_move_goes_where_it_may(string? destination, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("MOVE /films/Sintel.mp4", destination is null ? [] : ["Destination: " + destination]);

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4") is null, Is.EqualTo(status < 300));
    }

    [TestCase("DELETE /films", "Depth: 0", 400)]
    [TestCase("DELETE /films", "Depth: 1", 400)]
    [TestCase("MOVE /films", "Depth: 0", 400)]
    [TestCase("COPY /films", "Depth: 1", 400)]
    [TestCase("COPY /films", "Depth: 0", 201)]
    [TestCase("COPY /films", "Overwrite: X", 400)]
    [TestCase("LOCK /films", "Depth: 1", 400)]
    [TestCase("LOCK /films", "Timeout: Second-5", 400)]
    [TestCase("UNLOCK /films", "X-No: token", 400)]
    [TestCase("UNLOCK /films", "Lock-Token: <<<>>>", 400)]
    [TestCase("UNLOCK /films", "Lock-Token: <urn:uuid:11111111-1111-1111-1111-111111111111>", 409)]
    public async Task Headers_that_make_no_sense_change_nothing(string request, string header, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync(request, [header, "Destination: /copy"])).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.Not.Null);
    }

    [Test]
    public async Task A_lock_holds_others_off_until_it_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var server = await DavServer.StartAsync(Tree.Fill, time: time);
        var locked = await LockAsync(server, "/films", "infinity", "Second-60");

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "x")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("DELETE /films/Sintel.mp4")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("MKCOL /films/new")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: </films> ({locked})"], "x")).Status, Is.EqualTo(204));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "y")).Status, Is.EqualTo(204));
    }

    [Test]
    public async Task A_token_opens_only_for_the_user_who_made_it()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var token = await LockAsync(server, "/films/Sintel.mp4", "0", "Second-60", "X-User: anna");

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: ({token})", "X-User: ben"], "x")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("UNLOCK /films/Sintel.mp4", [$"Lock-Token: {token}", "X-User: ben"])).Status, Is.EqualTo(403));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: ({token})", "X-User: anna"], "x")).Status, Is.EqualTo(204));
        Assert.That(
            (await server.AskAsync("UNLOCK /films/Sintel.mp4", [$"Lock-Token: {token.Trim('<', '>')}", "X-User: anna"])).Status,
            Is.EqualTo(204)
        );
    }

    [Test]
    public async Task A_locked_member_keeps_its_folder_whole()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        await LockAsync(server, "/films/Sintel.mp4", "0", "Second-60");

        var answer = await server.AskAsync("DELETE /films");

        Assert.That(answer.Status, Is.EqualTo(207));
        Assert.That(answer.Hrefs.Single(), Is.EqualTo("/films/Sintel.mp4"));
        Assert.That(answer.Text, Does.Contain("423 Locked"));
        Assert.That(server.Store.Bytes("/films/Big Buck Bunny (2008)/cover.jpg"), Is.Not.Null);
    }

    [TestCase("LOCK /", Exclusive, 403)]
    [TestCase("LOCK /films", Exclusive, 403)]
    [TestCase("LOCK /films/Sintel.mp4", Exclusive, 403)]
    [TestCase("LOCK /music", Exclusive, 200)]
    [TestCase("DELETE /", null, 403)]
    [TestCase("DELETE /films/Sintel.mp4", null, 404)]
    [TestCase("PUT /films/Sintel.mp4", "x", 403)]
    [TestCase("MKCOL /films/Sintel.mp4", null, 403)]
    [TestCase("MOVE /music/Bj%C3%B6rk%20%26%20Co", null, 403)]
    [TestCase("COPY /music/Bj%C3%B6rk%20%26%20Co", null, 403)]
    [TestCase("PROPPATCH /", Labelled, 207)]
    public async Task Nothing_is_locked_or_said_of_locks_outside_of_what_a_user_may_change(string request, string? body, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, nanny: "/music");
        await LockAsync(server, "/films/Sintel.mp4", "0", "Second-60");

        var answer = await server.AskAsync(request, ["X-User: nanny", "Destination: /films/Sintel.mp4"], body);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain("<D:href>/films/Sintel"));
    }

    [Test]
    public async Task Who_gets_no_lock_for_now_is_told_when_to_come_back()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var shared = Exclusive.Replace("exclusive", "shared", StringComparison.Ordinal);
        for (var i = 0; i < LockTable.MaxLocksOfRoot; i++)
        {
            Assert.That((await server.AskAsync("LOCK /films", [], shared)).Status, Is.EqualTo(200));
        }

        var answer = await server.AskAsync("LOCK /films", [], shared);

        Assert.That((answer.Status, answer.Header("Retry-After")), Is.EqualTo((503, "60")));
    }

    [Test]
    public async Task A_listing_has_the_locks_of_each_member_and_those_from_above()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var shared = Exclusive.Replace("exclusive", "shared", StringComparison.Ordinal);
        var above = (await server.AskAsync("LOCK /films", ["Depth: infinity"], shared)).Header("Lock-Token")!.Trim('<', '>');
        var own = (await server.AskAsync("LOCK /films/Sintel.mp4", ["Depth: 0"], shared)).Header("Lock-Token")!.Trim('<', '>');

        var listed = await server.AskAsync("PROPFIND /films", ["Depth: 1"]);

        foreach (var (response, hasOwn) in ((int, bool)[])[(0, false), (1, false), (2, true)])
        {
            var locks = listed.Property("lockdiscovery", response: response)?.Value;
            Assert.That(locks, Does.Contain(above));
            Assert.That(locks!.Contains(own, StringComparison.Ordinal), Is.EqualTo(hasOwn), listed.Hrefs[response]);
        }
    }

    [TestCase("PUT /Se%CC%81ries/x")]
    [TestCase("PUT /S%C3%A9ries/x")]
    [TestCase("DELETE /Se%CC%81ries/x")]
    public async Task A_lock_holds_under_every_spelling_of_its_folder(string request)
    {
        await using var server = await DavServer.StartAsync(store => store.AddFile("/S\u00e9ries/x", Tree.Content(1)));
        var token = await LockAsync(server, "/S%C3%A9ries/x", "0", "Second-60");

        var locked = await server.AskAsync(request, [], "new");
        var listed = await server.AskAsync("PROPFIND /Se%CC%81ries", ["Depth: 1"]);
        var opened = await server.AskAsync(request, [$"If: </Se%CC%81ries/x> ({token})"], "new");

        Assert.That(locked.Status, Is.EqualTo(423));
        Assert.That(listed.Property("lockdiscovery", response: 1)?.Value, Does.Contain(token.Trim('<', '>')));
        Assert.That(opened.Status, Is.EqualTo(204));
    }

    [TestCase("DELETE /films", null)]
    [TestCase("MOVE /films", null)]
    [TestCase("LOCK /films", Exclusive)]
    public async Task Who_does_not_read_an_answer_holds_nobody_up(string request, string? body)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        for (var i = 0; i < 500; i++)
        {
            // 8 MB of answer: more than sockets hold
            server.Locks.TryAdd(
                new DavLock(
                    $"urn:{i}",
                    VirtualPath.Parse($"/films/{i}"),
                    $"/films/{i}/{new string('x', 8_000)}",
                    true,
                    false,
                    null,
                    null,
                    null,
                    TimeSpan.MaxValue
                )
            );
        }

        using var silent = await server.ConnectAsync(receiveBuffer: 4096);
        var head = $"{request} HTTP/1.1\r\nHost: x\r\nDestination: /copy\r\nContent-Length: {body?.Length ?? 0}\r\n\r\n{body}";
        await silent.SendAsync(Encoding.ASCII.GetBytes(head));
        await silent.ReceiveAsync(new byte[1]);

        Assert.That((await server.AskAsync("PUT /inbox/x", [], "x")).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task Locks_do_not_move_and_end_with_what_they_lock()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var token = await LockAsync(server, "/films/Sintel.mp4", "0", "Second-60");

        Assert.That((await server.AskAsync("MOVE /films/Sintel.mp4", ["Destination: /inbox/s", $"If: ({token})"])).Status, Is.EqualTo(201));
        Assert.That((await server.AskAsync("PUT /inbox/s", [], "x")).Status, Is.EqualTo(204));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "x")).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task Properties_change_all_or_none()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        const string Mixed =
            "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><a xmlns='urn:t'>1</a><D:getetag>x</D:getetag></D:prop></D:set></D:propertyupdate>";
        const string Good =
            "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><a xmlns='urn:t'>v &amp; w</a></D:prop></D:set></D:propertyupdate>";
        const string Ask = "<D:propfind xmlns:D='DAV:'><D:prop><a xmlns='urn:t'/><D:getcontentlength/></D:prop></D:propfind>";

        var mixed = await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Mixed);
        Assert.That((mixed.Property("a", "urn:t")?.Status, mixed.Property("getetag")?.Status), Is.EqualTo((424, 403)));
        Assert.That(mixed.Text, Does.Contain("<D:cannot-modify-protected-property/>"));
        Assert.That(
            (await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"], Ask)).Property("a", "urn:t")?.Status,
            Is.EqualTo(404)
        );

        await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Good);
        var listed = await server.AskAsync("PROPFIND /films", ["Depth: 1"], Ask);
        Assert.That(listed.Property("a", "urn:t", response: 2), Is.EqualTo((200, "v & w")));
        Assert.That(listed.Property("a", "urn:t", response: 1)?.Status, Is.EqualTo(404));
        Assert.That((await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"])).Property("a", "urn:t")?.Value, Is.EqualTo("v & w"));
    }

    [Test]
    public async Task Many_writers_leave_one_whole_file()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => server.AskAsync("PUT /inbox/x", [], Enumerable.Repeat((byte)i, 100_000).ToArray()))
        );

        Assert.That(answers.Count(answer => answer.Status == 201), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == 204), Is.EqualTo(7));
        Assert.That(server.Store.Bytes("/inbox/x")!.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Of_many_who_want_a_lock_one_gets_it()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.AskAsync("LOCK /inbox/x", [], Exclusive)));

        Assert.That(answers.Count(answer => answer.Status == 201), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == 423), Is.EqualTo(11));
    }

    private static async Task<string> LockAsync(DavServer server, string path, string depth, string timeout, string user = "X-Nobody: 1")
    {
        var answer = await server.AskAsync("LOCK " + path, ["Depth: " + depth, "Timeout: " + timeout, user], Exclusive);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
        return answer.Header("Lock-Token")!;
    }
}
