using System.Net.Sockets;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests;

/// <summary>The rules that clients have taught (README, "What clients need"); each test begins with the number of its rule.</summary>
internal sealed class ClientRulesTests
{
    private const string LockBody =
        "<?xml version=\"1.0\"?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";

    private const string Win32Body =
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:Z=\"urn:schemas-microsoft-com:\"><D:set><D:prop><Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>";

    [Test]
    public async Task Rule_01_What_is_there_stands_before_what_is_not_and_says_200_OK()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PROPFIND /films", ["Depth: 1"], Ask("<D:foo/><D:getcontentlength/><D:resourcetype/>"));

        foreach (var response in answer.Responses)
        {
            var stats = response.Elements(Answer.Dav + "propstat").ToArray();
            Assert.That(stats[0].Element(Answer.Dav + "status")!.Value, Is.EqualTo("HTTP/1.1 200 OK"));
            Assert.That(stats, Has.All.Matches<System.Xml.Linq.XElement>(stat => stat!.Element(Answer.Dav + "prop")!.HasElements));
        }
    }

    [TestCase("/films/Big%20Buck%20Bunny%20(2008)", "/films/Big%20Buck%20Bunny%20(2008)/")]
    [TestCase("/films/Big%20Buck%20Bunny%20%282008%29/", "/films/Big%20Buck%20Bunny%20%282008%29/")]
    [TestCase("/music/Bj%c3%b6rk%20&%20Co/", "/music/Bj%c3%b6rk%20&%20Co/")]
    [TestCase("//films/?x=1", "//films/")]
    public async Task Rule_02_The_asked_folder_comes_first_as_it_was_asked_for(string asked, string answered)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PROPFIND " + asked, ["Depth: 1"]);

        Assert.That(answer.Hrefs[0], Is.EqualTo(answered));
        Assert.That(answer.Hrefs, Has.All.StartsWith(answered));
    }

    [Test]
    public async Task Rule_03_Names_are_escaped_but_for_unreserved_characters()
    {
        await using var server = await DavServer.StartAsync(store => store.AddFile("/a/Ü [1] & #?%+;='x'.mkv", Tree.Content(10)));

        var answer = await server.AskAsync("PROPFIND /a/", ["Depth: 1"]);

        Assert.That(answer.Hrefs[1], Is.EqualTo("/a/%C3%9C%20%5B1%5D%20%26%20%23%3F%25%2B%3B%3D%27x%27.mkv"));
    }

    [TestCase("/%66%69lms/%53intel.mp4")]
    [TestCase("/films/Sintel%2emp4")]
    [TestCase("/films/Sintel%2Emp4")]
    public async Task Rule_03_Every_spelling_of_a_name_is_that_name(string spelling)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("GET " + spelling)).Body, Is.EqualTo(Tree.Content(120_000)));
    }

    [TestCase("OPTIONS", 200)]
    [TestCase("GET", 200)]
    [TestCase("HEAD", 200)]
    [TestCase("PROPFIND", 207)]
    [TestCase("MKCOL", 405)]
    [TestCase("PUT", 405)]
    [TestCase("LOCK", 200)]
    [TestCase("DELETE", 204)]
    public async Task Rule_04_A_folder_is_the_same_with_and_without_its_slash(string method, int status)
    {
        foreach (var slash in new[] { "", "/" })
        {
            await using var server = await DavServer.StartAsync(Tree.Fill);

            var answer = await server.AskAsync(
                $"{method} /films{slash}",
                ["Depth: " + (method == "PROPFIND" ? "0" : "infinity")],
                method == "LOCK" ? LockBody : ""
            );

            Assert.That(answer.Status, Is.EqualTo(status));
            Assert.That(answer.Header("Location"), Is.Null);
        }
    }

    [Test]
    public async Task Rule_05_A_listing_has_its_length_a_declaration_and_the_prefix_D()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PROPFIND /", ["Depth: 1"]);

        Assert.That(answer.Header("Content-Length"), Is.EqualTo($"{answer.Body.Length}"));
        Assert.That(answer.Header("Content-Type"), Is.EqualTo("application/xml; charset=utf-8"));
        Assert.That(answer.Text, Does.StartWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">"));
    }

    [Test]
    public async Task Rule_06_Headers_and_properties_say_the_same()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var head = await server.AskAsync("HEAD /films/Sintel.mp4");
        var answer = await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"]);

        Assert.That(answer.Property("getetag")?.Value, Is.EqualTo(head.Header("ETag")).And.Match("^\"[^\"]+\"$"));
        Assert.That(answer.Property("getlastmodified")?.Value, Is.EqualTo(head.Header("Last-Modified")));
        Assert.That(answer.Property("getcontentlength")?.Value, Is.EqualTo(head.Header("Content-Length")));
        Assert.That(answer.Property("getcontenttype")?.Value, Is.EqualTo(head.Header("Content-Type")));
    }

    [TestCase("bytes=0-", 206, "bytes 0-119999/120000")]
    [TestCase("bytes=-5", 206, "bytes 119995-119999/120000")]
    [TestCase("bytes=120000-", 416, "bytes */120000")]
    public async Task Rule_07_A_range_says_the_total(string range, int status, string expected)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("GET /films/Sintel.mp4", ["Range: " + range, "Accept-Encoding: gzip, br"]);

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Header("Content-Range"), Is.EqualTo(expected));
        Assert.That(answer.Header("Content-Encoding") ?? answer.Header("Transfer-Encoding"), Is.Null);
    }

    [TestCase("/")]
    [TestCase("*")]
    [TestCase("/films/Sintel.mp4")]
    [TestCase("/nothing/here")]
    public async Task Rule_08_Options_of_anything_say_what_this_is(string target)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("OPTIONS " + target);

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Header("DAV"), Is.EqualTo("1, 2, 3"));
        Assert.That(answer.Header("MS-Author-Via"), Is.EqualTo("DAV"));
        Assert.That(answer.Header("Content-Length"), Is.EqualTo("0"));
        Assert.That(
            answer.Header("Allow"),
            Is.EqualTo("OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, PUT, MKCOL, DELETE, COPY, MOVE, LOCK, UNLOCK")
        );
    }

    [Test]
    public async Task Rule_09_Files_folders_and_free_names_can_be_locked()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("LOCK /films/Sintel.mp4", [], LockBody)).Status, Is.EqualTo(200));
        Assert.That((await server.AskAsync("LOCK /inbox", [], LockBody)).Status, Is.EqualTo(200));
        Assert.That((await server.AskAsync("LOCK /music/new.bin", [], LockBody)).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task Rule_10_An_entry_of_allprop_is_under_a_thousand_bytes()
    {
        await using var server = await DavServer.StartAsync(store =>
        {
            for (var i = 0; i < 100; i++)
            {
                store.AddFile($"/many/Some Show - S01E{i:00} - Title.mkv", Tree.Content(1));
            }
        });

        var answer = await server.AskAsync("PROPFIND /many/", ["Depth: 1"]);

        Assert.That(answer.Body.Length / 101, Is.LessThan(1000));
    }

    [Test]
    public async Task Rule_11_Quota_and_iscollection_come_only_if_asked()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var all = await server.AskAsync("PROPFIND /", ["Depth: 0"]);
        var asked = await server.AskAsync(
            "PROPFIND /",
            ["Depth: 0"],
            Ask("<D:quota-available-bytes/><D:quota-used-bytes/><D:iscollection/>")
        );

        Assert.That(all.Property("quota-used-bytes"), Is.Null);
        Assert.That(all.Property("iscollection"), Is.Null);
        Assert.That(asked.Property("iscollection"), Is.EqualTo((200, "1")));
        Assert.That(long.Parse(asked.Property("quota-available-bytes")!.Value.Value), Is.GreaterThan(0));
        Assert.That(long.Parse(asked.Property("quota-used-bytes")!.Value.Value), Is.EqualTo(300_000 + 5_000 + 900 + 120_000 + 2_000));
    }

    [Test]
    public async Task Rule_11_The_npm_client_gets_its_quota_without_asking()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PROPFIND /", ["Depth: 0", "Accept: text/plain,application/xml"]);

        Assert.That(answer.Property("quota-used-bytes")?.Status, Is.EqualTo(200));
    }

    [TestCase("._film.mkv")]
    [TestCase(".DS_Store")]
    [TestCase("desktop.ini")]
    [TestCase("Thumbs.db")]
    [TestCase(".~lock.x%23")]
    public async Task Rule_12_Desktop_metadata_is_taken_where_files_are(string name)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("PUT /inbox/" + name, [], new byte[4096])).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task Rule_13_An_empty_file_is_there_for_everything_that_follows()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("PUT /inbox/x.torrent", [], "")).Status, Is.EqualTo(201));
        var locked = await server.AskAsync("LOCK /inbox/x.torrent", ["Depth: 0"], LockBody);
        var token = locked.Header("Lock-Token")!;
        Assert.That(
            (await server.AskAsync("PROPPATCH /inbox/x.torrent", [$"If: ({token})"], Win32Body))
                .Property("Win32FileAttributes", "urn:schemas-microsoft-com:")
                ?.Status,
            Is.EqualTo(200)
        );
        Assert.That((await server.AskAsync("HEAD /inbox/x.torrent")).Header("Content-Length"), Is.EqualTo("0"));
        Assert.That(
            (await server.AskAsync("PROPFIND /inbox/x.torrent", ["Depth: 0"])).Property("getcontentlength")?.Value,
            Is.EqualTo("0")
        );
        Assert.That((await server.AskAsync("PUT /inbox/x.torrent", [$"If: ({token})"], "d4:infode")).Status, Is.EqualTo(204));
    }

    [Test]
    public async Task Rule_14_What_was_uploaded_is_found_with_its_size()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        await server.AskAsync("PUT /inbox/x.part", [], Tree.Content(5000));
        await server.AskAsync("MOVE /inbox/x.part", [$"Destination: http://{server.Host}/inbox/x.torrent"]);

        Assert.That(
            (await server.AskAsync("PROPFIND /inbox/x.torrent", ["Depth: 1"])).Property("getcontentlength")?.Value,
            Is.EqualTo("5000")
        );
        Assert.That((await server.AskAsync("GET /inbox/x.torrent")).Body, Is.EqualTo(Tree.Content(5000)));
    }

    [TestCase("PUT /films/new.bin")]
    [TestCase("DELETE /films/Sintel.mp4")]
    [TestCase("MKCOL /films/new/")]
    [TestCase("MOVE /films/Sintel.mp4")]
    [TestCase("COPY /films/Sintel.mp4")]
    public async Task Rule_15_A_tree_that_refuses_is_heard_with_its_reason(string request)
    {
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            tree: store => new RefusingFs(store, new WriteResult(WriteOutcome.Forbidden, "This is <inside> a torrent."))
        );

        var answer = await server.AskAsync(request, ["Destination: /films/other.bin"], "");

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Xml.Name, Is.EqualTo(Answer.Dav + "error"));
        Assert.That(answer.Xml.Value, Is.EqualTo("This is <inside> a torrent."));
    }

    [Test]
    public async Task Rule_16_Properties_are_refused_one_by_one_and_never_by_a_plain_403()
    {
        await using var writable = await DavServer.StartAsync(Tree.Fill);
        await using var readOnly = await DavServer.StartAsync(Tree.Fill, new WebDavOptions { ReadOnly = true });

        var kept = await writable.AskAsync("PROPPATCH /films/Sintel.mp4", [], Win32Body);
        var refused = await readOnly.AskAsync("PROPPATCH /films/Sintel.mp4", [], Win32Body);

        Assert.That((kept.Status, kept.Property("Win32FileAttributes", "urn:schemas-microsoft-com:")?.Status), Is.EqualTo((207, 200)));
        Assert.That(
            (refused.Status, refused.Property("Win32FileAttributes", "urn:schemas-microsoft-com:")?.Status),
            Is.EqualTo((207, 403))
        );
    }

    [TestCase("", 403)]
    [TestCase("If-Match: \"other\"\r\n", 412)]
    public async Task Rule_17_No_body_is_sent_for_nothing(string header, int status)
    {
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            tree: store => status == 403 ? new RefusingFs(store, new WriteResult(WriteOutcome.Forbidden)) : store
        );
        using var socket = await server.ConnectAsync();

        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"PUT /films/e.bin HTTP/1.1\r\nHost: x\r\n{header}Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"
            )
        );
        var first = new byte[12];
        var count = await socket.ReceiveAsync(first, SocketFlags.None);

        Assert.That(Encoding.ASCII.GetString(first, 0, count), Is.EqualTo($"HTTP/1.1 {status}"));
    }

    [Test]
    public async Task Rule_17_Who_is_welcome_hears_100_Continue()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        using var socket = await server.ConnectAsync();

        await socket.SendAsync(
            "PUT /inbox/e.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"u8.ToArray()
        );
        var first = new byte[25];
        await socket.ReceiveAsync(first, SocketFlags.None);
        await socket.SendAsync("abc"u8.ToArray());
        await DavServer.ReadAsync(socket);

        Assert.That(Encoding.ASCII.GetString(first), Is.EqualTo("HTTP/1.1 100 Continue\r\n\r\n"));
        Assert.That(server.Store.Bytes("/inbox/e.bin"), Is.EqualTo("abc"u8.ToArray()));
    }

    [Test]
    public async Task Rule_18_Composed_and_decomposed_names_are_one_and_an_exact_one_comes_first()
    {
        const string Nfc = "/inbox/%C3%BC.bin";
        const string Nfd = "/inbox/u%CC%88.bin";
        await using var server = await DavServer.StartAsync(Tree.Fill);

        await server.AskAsync("PUT " + Nfc, [], "one");
        var locked = await server.AskAsync("LOCK " + Nfc, ["Depth: 0"], LockBody);

        Assert.That(locked.Status, Is.EqualTo(200));
        Assert.That((await server.AskAsync("GET " + Nfd)).Text, Is.EqualTo("one"));
        Assert.That(
            (await server.AskAsync("PUT " + Nfd, [], "two")).Status,
            Is.EqualTo(423),
            "another spelling does not get around a lock"
        );
    }

    [Test]
    public async Task Rule_19_A_delete_that_the_tree_refuses_changes_nothing_and_keeps_the_locks()
    {
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            tree: store => new RefusingFs(store, new WriteResult(WriteOutcome.Forbidden, "Its upload was refused a moment ago."))
        );
        var token = (await server.AskAsync("LOCK /films/Sintel.mp4", ["Depth: 0"], LockBody)).Header("Lock-Token")!;

        Assert.That((await server.AskAsync("DELETE /films/Sintel.mp4", [$"If: ({token})"])).Status, Is.EqualTo(403));
        Assert.That((await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"])).Text, Does.Contain(token.Trim('<', '>')));
    }

    [TestCase("back\\slash")]
    [TestCase("a:b")]
    [TestCase("right\u202Eleft.mkv")]
    [TestCase("trailing. ")]
    [TestCase("🎬 emoji")]
    [TestCase("e\u0301")]
    [TestCase("%41")]
    public async Task Rule_20_Names_are_kept_byte_for_byte(string name)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync($"PUT /inbox/{Uri.EscapeDataString(name)}", [], "x")).Status, Is.EqualTo(201));
        var answer = await server.AskAsync("PROPFIND /inbox/", ["Depth: 1"]);

        Assert.That(Uri.UnescapeDataString(answer.Hrefs[1]), Is.EqualTo("/inbox/" + name));
        Assert.That(answer.Property("displayname", response: 1)?.Value, Is.EqualTo(name));
    }

    // What it allocates is in MultiStatusWriterTests; this is what a client without hurry makes the server hold.
    [Test, CancelAfter(60_000)]
    public async Task Rule_21_A_listing_is_written_as_it_is_read(CancellationToken cancellationToken)
    {
        const int entries = 100_000;
        var tree = new MadeUpFs(entries);
        await using var server = await DavServer.StartAsync(tree: _ => tree);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var socket = await server.ConnectAsync(receiveBuffer: 16 * 1024);

        await socket.SendAsync(Encoding.ASCII.GetBytes("PROPFIND / HTTP/1.1\r\nHost: x\r\nDepth: 1\r\nConnection: close\r\n\r\n"));
        await tree.WaitUntilStuckAsync(cancellationToken);

        Assert.That(tree.Made, Is.GreaterThan(entries), "it is being written");
        Assert.That(
            tree.Made,
            Is.LessThan(entries + (entries / 4)),
            "after the lengths were added up, no more is made than the socket takes"
        );
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(4 << 20));
        var answer = await DavServer.ReadAsync(socket);
        Assert.That(answer.Header("Content-Length"), Is.EqualTo($"{answer.Body.Length}"));
        Assert.That(answer.Text, Does.EndWith("</D:multistatus>\n"));
    }

    [TestCase("windows-1252", new byte[] { 0x80, 0xE9 }, "\u20ac\u00e9")]
    [TestCase("iso-8859-15", new byte[] { 0xA4, 0xE9 }, "\u20ac\u00e9")]
    [TestCase("iso-8859-1", new byte[] { 0xA4, 0xE9 }, "\u00a4\u00e9")]
    [TestCase("koi8-r", new byte[] { 0xC1 }, "\u0430")]
    public async Task A_body_may_be_in_an_encoding_of_before_UTF_8(string encoding, byte[] value, string expected)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var body = (byte[])
            [
                .. Encoding.ASCII.GetBytes(
                    $"<?xml version=\"1.0\" encoding=\"{encoding}\"?><D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><x xmlns=\"urn:x\">"
                ),
                .. value,
                .. "</x></D:prop></D:set></D:propertyupdate>"u8,
            ];

        var answer = await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], body);

        Assert.That(answer.Status, Is.EqualTo(207));
        var kept = await server.AskAsync(
            "PROPFIND /films/Sintel.mp4",
            ["Depth: 0"],
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><x xmlns=\"urn:x\"/></D:prop></D:propfind>"
        );
        Assert.That(kept.Property("x", "urn:x"), Is.EqualTo((200, expected)));
    }

    private static string Ask(string properties)
    {
        return $"<D:propfind xmlns:D=\"DAV:\"><D:prop>{properties}</D:prop></D:propfind>";
    }
}
