using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed class FileResponseTests
{
    private static readonly byte[] Film = Content(1_500_000);

    private ListenerHost _host = null!;
    private string _tag = "";
    private string _modified = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        var files = new MemoryFs();
        files.AddFile("/films/film.mkv", Film);
        files.AddFile("/films/empty.nfo", Array.Empty<byte>());
        files.AddFile("/films/page.html", "<script>alert(1)</script>"u8.ToArray());
        files.AddFile("/films/booklet.pdf", "%PDF-1.7"u8.ToArray());
        _host = await ListenerHost.StartAsync(new OldFs(files));
        var head = await _host.AskAsync("HEAD /films/film.mkv HTTP/1.1", CancellationToken.None);
        _tag = head["ETag"]!;
        _modified = head["Last-Modified"]!;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task A_file_comes_whole_with_everything_a_player_needs_to_know(CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync("GET /films/film.mkv HTTP/1.1", cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Body.AsSpan().SequenceEqual(Film));
        Assert.That(answer["Content-Type"], Is.EqualTo("video/x-matroska"));
        Assert.That(answer["Accept-Ranges"], Is.EqualTo("bytes"));
        Assert.That(answer["ETag"], Does.Match("^\"[0-9a-f]+\"$"));
        Assert.That(answer["Last-Modified"], Is.EqualTo("Thu, 02 Jan 2020 03:04:05 GMT"));
        Assert.That(answer["Content-Encoding"], Is.Null);
        Assert.That(answer["Transfer-Encoding"], Is.Null);
    }

    [TestCase("/films/film.mkv"), TestCase("/films/empty.nfo"), CancelAfter(60_000)]
    public async Task Head_says_what_get_says(string path, CancellationToken cancellationToken)
    {
        var get = await _host.AskAsync($"GET {path} HTTP/1.1", cancellationToken);
        var head = await _host.AskAsync($"HEAD {path} HTTP/1.1", cancellationToken);

        Assert.That(head.Body, Is.Empty);
        Assert.That(Without(head, "Date"), Is.EqualTo(Without(get, "Date")));
    }

    // RFC 9110 section 14.1.2; length 1,500,000
    [
        TestCase("bytes=0-0", 0, 0),
        TestCase("bytes=0-499", 0, 499),
        TestCase("bytes=0-", 0, 1_499_999),
        TestCase("bytes=700000-800000", 700_000, 800_000)
    ]
    [
        TestCase("bytes=1499999-", 1_499_999, 1_499_999),
        TestCase("bytes=-1", 1_499_999, 1_499_999),
        TestCase("bytes=-500", 1_499_500, 1_499_999)
    ]
    [TestCase("bytes=-9999999", 0, 1_499_999), TestCase("bytes=1499990-9223372036854775806", 1_499_990, 1_499_999)]
    [
        TestCase("bytes=1499990-99999999999999999999999", 1_499_990, 1_499_999),
        TestCase("BYTES=5-6", 5, 6),
        TestCase("bytes= 5-6 ", 5, 6),
        TestCase("bytes=,5-6,", 5, 6)
    ]
    [TestCase("bytes=0-9,10-19", 0, 19), TestCase("bytes=0-9,1500000-", 0, 9), TestCase("bytes=10-19,0-9,5-30", 0, 30)]
    [CancelAfter(60_000)]
    public async Task A_range_is_sent_as_206(string range, int first, int last, CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync($"GET /films/film.mkv HTTP/1.1\nRange: {range}", cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(206));
        Assert.That(answer["Content-Range"], Is.EqualTo($"bytes {first}-{last}/1500000"));
        Assert.That(answer["Content-Length"], Is.EqualTo($"{last - first + 1}"));
        Assert.That(answer["ETag"], Is.EqualTo(_tag));
        Assert.That(answer.Body.AsSpan().SequenceEqual(Film.AsSpan(first..(last + 1))));
    }

    [
        TestCase("bytes=1500000-"),
        TestCase("bytes=1500005-1500009"),
        TestCase("bytes=-0"),
        TestCase("bytes=1500000-,1500005-"),
        TestCase("bytes=99999999999999999999999-"),
        TestCase("bytes=18446744073709551617-") // 1 in 64 bits
    ]
    [CancelAfter(60_000)]
    public async Task A_range_that_is_not_there_is_416_and_says_the_length(string range, CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync($"GET /films/film.mkv HTTP/1.1\nRange: {range}", cancellationToken);

        Assert.That((answer.Status, answer["Content-Range"], answer["Content-Length"]), Is.EqualTo((416, "bytes */1500000", "0")));
    }

    [
        TestCase("items=0-5"),
        TestCase("0-5"),
        TestCase("bytes=abc"),
        TestCase("bytes=5-2"),
        TestCase("bytes="),
        TestCase("bytes"),
        TestCase("bytes=-"),
        TestCase("bytes=1-2-3")
    ]
    [TestCase("bytes=0x1-5"), TestCase("bytes 0-5"), TestCase("bytes=+1-5"), TestCase("bytes=1 -5"), TestCase("bytes=0-5,x")]
    [CancelAfter(60_000)]
    public async Task A_range_that_cannot_be_read_is_ignored(string range, CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync($"GET /films/film.mkv HTTP/1.1\nRange: {range}", cancellationToken);

        Assert.That((answer.Status, answer.Body.Length), Is.EqualTo((200, Film.Length)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Range_means_nothing_on_head_and_on_an_empty_file(CancellationToken cancellationToken)
    {
        var head = await _host.AskAsync("HEAD /films/film.mkv HTTP/1.1\nRange: bytes=0-9", cancellationToken);
        var empty = await _host.AskAsync("GET /films/empty.nfo HTTP/1.1\nRange: bytes=0-", cancellationToken);

        Assert.That((head.Status, head["Content-Length"]), Is.EqualTo((200, "1500000")));
        Assert.That((empty.Status, empty["Content-Length"]), Is.EqualTo((200, "0")));
    }

    [Test, CancelAfter(60_000)]
    public async Task Several_ranges_come_as_parts_in_the_order_asked(CancellationToken cancellationToken)
    {
        var answer = await _host.AskAsync("GET /films/film.mkv HTTP/1.1\nRange: bytes=1000-1099, 0-9, -300000", cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(206));
        Assert.That(answer["Content-Range"], Is.Null);
        var parts = Multipart.Read(answer);
        Assert.That(
            parts.Select(part => part.Range),
            Is.EqualTo(new[] { "bytes 1000-1099/1500000", "bytes 0-9/1500000", "bytes 1200000-1499999/1500000" })
        );
        Assert.That(parts.Select(part => part.Type), Is.All.EqualTo("video/x-matroska"));
        Assert.That(parts[0].Body, Is.EqualTo(Film[1000..1100]));
        Assert.That(parts[1].Body, Is.EqualTo(Film[..10]));
        Assert.That(parts[2].Body.AsSpan().SequenceEqual(Film.AsSpan(1_200_000)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_flood_of_ranges_never_sends_more_than_the_file(CancellationToken cancellationToken)
    {
        var same = await _host.AskAsync(
            "GET /films/film.mkv HTTP/1.1\nRange: bytes=" + string.Join(',', Enumerable.Repeat("0-", 250)),
            cancellationToken
        );
        var many = await _host.AskAsync(
            "GET /films/film.mkv HTTP/1.1\nRange: bytes=" + string.Join(',', Enumerable.Range(0, 250).Select(i => $"{i * 2}-{i * 2}")),
            cancellationToken
        );

        Assert.That((same.Status, same.Body.Length), Is.EqualTo((206, Film.Length)));
        Assert.That((many.Status, many.Body.Length), Is.EqualTo((200, Film.Length)));
    }

    // RFC 9110 section 13; {tag} and {date} are the file's own.
    [
        TestCase("If-None-Match: {tag}", 304),
        TestCase("If-None-Match: *", 304),
        TestCase("If-None-Match: \"x\", {tag}, \"y\"", 304),
        TestCase("If-None-Match: W/{tag}", 304)
    ]
    [
        TestCase("If-None-Match: \"x\"\nIf-None-Match: {tag}", 304),
        TestCase("If-None-Match: \"nope\"", 200),
        TestCase("If-None-Match: nope", 200)
    ]
    [
        TestCase("If-Modified-Since: {date}", 304),
        TestCase("If-Modified-Since: Wed, 01 Jan 2020 03:04:05 GMT", 200),
        TestCase("If-Modified-Since: yesterday", 200)
    ]
    [TestCase("If-Modified-Since: Fri, 03 Jan 2020 03:04:05 GMT", 304), TestCase("If-None-Match: \"nope\"\nIf-Modified-Since: {date}", 200)]
    [
        TestCase("If-Match: {tag}", 200),
        TestCase("If-Match: *", 200),
        TestCase("If-Match: \"nope\"", 412),
        TestCase("If-Match: W/{tag}", 412),
        TestCase("If-Match: \"x\", {tag}", 200)
    ]
    [
        TestCase("If-Unmodified-Since: {date}", 200),
        TestCase("If-Unmodified-Since: Wed, 01 Jan 2020 03:04:05 GMT", 412),
        TestCase("If-Unmodified-Since: never", 200)
    ]
    [
        TestCase("If-Match: {tag}\nIf-Unmodified-Since: Wed, 01 Jan 2020 03:04:05 GMT", 200),
        TestCase("If-Match: \"nope\"\nIf-None-Match: {tag}", 412)
    ]
    [
        TestCase("If-Match: {tag}\nIf-None-Match: {tag}", 304),
        TestCase("If-Match: {tag}\nRange: bytes=0-9", 206),
        TestCase("If-Match: \"no\"\nRange: bytes=9999999-", 412)
    ]
    [
        TestCase("If-Range: {tag}\nRange: bytes=0-9", 206),
        TestCase("If-Range: \"no\"\nRange: bytes=0-9", 200),
        TestCase("If-Range: W/{tag}\nRange: bytes=0-9", 200)
    ]
    [TestCase("If-Range: {date}\nRange: bytes=0-9", 206), TestCase("If-Range: Wed, 01 Jan 2020 03:04:05 GMT\nRange: bytes=0-9", 200)]
    [
        TestCase("If-Range: Fri, 03 Jan 2020 03:04:05 GMT\nRange: bytes=0-9", 200),
        TestCase("If-Range: \"no\"\nRange: bytes=9999999-", 200),
        TestCase("If-Range: {tag}", 200)
    ]
    [CancelAfter(60_000)]
    public async Task Conditions(string headers, int status, CancellationToken cancellationToken)
    {
        headers = headers.Replace("{tag}", _tag, StringComparison.Ordinal).Replace("{date}", _modified, StringComparison.Ordinal);

        var get = await _host.AskAsync("GET /films/film.mkv HTTP/1.1\n" + headers, cancellationToken);
        var head = await _host.AskAsync("HEAD /films/film.mkv HTTP/1.1\n" + headers, cancellationToken);

        Assert.That(get.Status, Is.EqualTo(status));
        Assert.That(head.Status, Is.EqualTo(status == 206 ? 200 : status));
        Assert.That(get["ETag"], Is.EqualTo(_tag));
        Assert.That(
            get.Body.Length,
            Is.EqualTo(
                status switch
                {
                    200 => Film.Length,
                    206 => 10,
                    _ => 0,
                }
            )
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task One_connection_serves_many_requests(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await client.SendAsync($"GET /films/film.mkv HTTP/1.1\nRange: bytes={i * 10}-{(i * 10) + 9}", cancellationToken);
        }

        for (var i = 0; i < 20; i++)
        {
            var answer = await client.ReadAsync(isHead: false, cancellationToken);
            Assert.That(answer.Body, Is.EqualTo(Film[(i * 10)..((i * 10) + 10)]));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Query_and_absolute_form_lead_to_the_same_file(CancellationToken cancellationToken)
    {
        Assert.That((await _host.AskAsync("HEAD /films/film.mkv?x=%2F HTTP/1.1", cancellationToken)).Status, Is.EqualTo(200));
        Assert.That((await _host.AskAsync("HEAD http://test/films/film.mkv HTTP/1.1", cancellationToken)).Status, Is.EqualTo(200));
        Assert.That((await _host.AskAsync("HEAD /films//film.mkv HTTP/1.1", cancellationToken)).Status, Is.EqualTo(200));
        Assert.That((await _host.AskAsync("HEAD /films/%66ilm.mkv/ HTTP/1.1", cancellationToken)).Status, Is.EqualTo(200));
    }

    [
        TestCase("/films/../films/film.mkv"),
        TestCase("/%2e%2e/x"),
        TestCase("/films%2Ffilm.mkv"),
        TestCase("/%zz"),
        TestCase("/%ff"),
        TestCase("/%"),
        CancelAfter(60_000)
    ]
    public async Task Paths_that_could_mislead_are_400(string path, CancellationToken cancellationToken)
    {
        Assert.That((await _host.AskAsync($"GET {path} HTTP/1.1", cancellationToken)).Status, Is.EqualTo(400));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_page_from_a_torrent_cannot_act(CancellationToken cancellationToken)
    {
        var page = await _host.AskAsync("GET /films/page.html HTTP/1.1", cancellationToken);

        Assert.That(page["Content-Security-Policy"], Is.EqualTo("sandbox"));
        Assert.That(page["X-Content-Type-Options"], Is.EqualTo("nosniff"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_PDF_is_shown_in_place_and_not_sandboxed(CancellationToken cancellationToken)
    {
        var booklet = await _host.AskAsync("GET /films/booklet.pdf HTTP/1.1", cancellationToken);

        Assert.That(booklet["Content-Type"], Is.EqualTo("application/pdf"));
        Assert.That(booklet.Headers.Select(h => h.Key), Does.Not.Contain("Content-Security-Policy"), "not every viewer opens under it");
    }

    private static string[] Without(WireResponse response, string name)
    {
        return
        [
            .. response
                .Headers.Where(header => header.Key != name)
                .Select(header => $"{header.Key}: {header.Value}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    // The same files, last changed on a fixed day.
    private sealed class OldFs(IFileSystem inner) : IFileSystem
    {
        private static readonly DateTimeOffset Then = new(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            var entry = await inner.FindAsync(path, cancellationToken);
            return entry is null ? null : entry with { Modified = Then };
        }

        public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return inner.ListAsync(path, cancellationToken);
        }

        public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
        {
            return inner.OpenAsync(path, intent, cancellationToken);
        }

        public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
        {
            return inner.GetSpaceAsync(cancellationToken);
        }
    }
}
