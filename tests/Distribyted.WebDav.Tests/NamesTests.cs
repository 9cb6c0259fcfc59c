using System.Text;
using Distribyted.FileSystem;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests;

/// <summary>Names that torrents have: what a listing says of a file must be the way to it, whatever it is called.</summary>
internal sealed class NamesTests
{
    private static readonly string[] Odd =
    [
        "#1?%&+;.mkv",
        "100%.mkv",
        "%2f%00%.mkv",
        "a+b c&d=e;f.mkv",
        "?query=#fragment",
        "🎬🍿 👩‍👩‍👧‍👦.mkv",
        "café.mkv".Normalize(NormalizationForm.FormC),
        "cafe\u0301.mkv".Normalize(NormalizationForm.FormD),
        "가각.mkv".Normalize(NormalizationForm.FormD),
        "שלום مرحبا.mkv",
        "back\\slash:colon|pipe*star\"quote<less>.mkv",
        " blanks around ",
        "dots...",
        ".hidden",
        "~tilde!$'()*,@[]^`{}",
        "&amp;<![CDATA[x]]>.mkv",
        new string('x', 251) + ".mkv",
        string.Concat(Enumerable.Repeat("ü", 125)) + ".flac",
        string.Concat(Enumerable.Repeat("🎬", 62)) + ".mkv",
    ];

    [TestCaseSource(nameof(Odd))]
    public async Task A_listed_file_is_found_where_the_listing_says(string name)
    {
        Assert.That(Encoding.UTF8.GetByteCount(name), Is.LessThanOrEqualTo(VirtualPath.MaxSegmentBytes));
        await using var server = await DavServer.StartAsync(store =>
        {
            store.AddFile($"/{name}/{name}", Tree.Content(1234));
            store.AddFile("/beside", Tree.Content(1));
        });

        var top = await server.AskAsync("PROPFIND /", ["Depth: 1"]);
        var folder = top.Hrefs.Single(href => href is not "/" and not "/beside");
        var listed = await server.AskAsync("PROPFIND " + folder, ["Depth: 1"]);
        var file = listed.Hrefs[1];

        Assert.That(listed.Hrefs, Is.EqualTo(new[] { folder, file }));
        Assert.That(listed.Property("displayname", response: 1)?.Value, Is.EqualTo(name));
        Assert.That((await server.AskAsync("GET " + file)).Body, Is.EqualTo(Tree.Content(1234)));
        Assert.That((await server.AskAsync("HEAD " + file)).Header("Content-Length"), Is.EqualTo("1234"));
        var self = await server.AskAsync("PROPFIND " + file, ["Depth: 0"]);
        Assert.That((self.Hrefs.Single(), self.Property("getcontentlength")?.Value), Is.EqualTo((file, "1234")));
        Assert.That((await server.AskAsync("MOVE " + file, [$"Destination: http://{server.Host}{folder}moved"])).Status, Is.EqualTo(201));
        Assert.That((await server.AskAsync("MOVE " + folder + "moved", [$"Destination: {file}"])).Status, Is.EqualTo(201));
        Assert.That(server.Store.Bytes($"/{name}/{name}"), Is.EqualTo(Tree.Content(1234)));
    }

    // The deepest that a torrent can be (64 parts), each as long as a name can be, below a route.
    [TestCase("x", 255)]
    [TestCase("🎬", 63)]
    public async Task The_deepest_file_is_found_step_by_step(string letter, int times)
    {
        var name = string.Concat(Enumerable.Repeat(letter, times));
        var path = "/route" + string.Concat(Enumerable.Repeat("/" + name, 64));
        await using var server = await DavServer.StartAsync(store => store.AddFile(path, Tree.Content(99)));

        var href = "/";
        for (var depth = 0; depth <= 64; depth++)
        {
            var listed = await server.AskAsync("PROPFIND " + href, ["Depth: 1"]);
            Assert.That(listed.Status, Is.EqualTo(207), $"{depth} deep, {href.Length} characters");
            href = listed.Hrefs[1];
        }

        Assert.That((await server.AskAsync("GET " + href)).Body, Is.EqualTo(Tree.Content(99)));
        Assert.That(
            (await server.AskAsync("COPY " + href, [$"Destination: {href[..(href.LastIndexOf('/') + 1)]}copy"])).Status,
            Is.EqualTo(201)
        );
    }

    [Test]
    public async Task What_is_longer_than_any_path_is_refused_in_one_line()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("GET /films/" + new string('x', 256))).Status, Is.EqualTo(404).Or.EqualTo(400));
        Assert.That((await server.AskAsync("GET /" + string.Concat(Enumerable.Repeat("a/", 300)))).Status, Is.EqualTo(404).Or.EqualTo(400));
        Assert.That((await server.AskAsync("GET /" + new string('x', 70_000))).Status, Is.EqualTo(414));
    }
}
