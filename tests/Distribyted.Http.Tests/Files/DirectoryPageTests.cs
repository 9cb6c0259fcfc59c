using System.Net;
using System.Text.RegularExpressions;
using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed partial class DirectoryPageTests
{
    [TestCase(""), TestCase("/"), CancelAfter(60_000)]
    public async Task A_folder_is_a_page_with_a_link_to_everything_in_it(string slash, CancellationToken cancellationToken)
    {
        var files = new MemoryFs();
        string[] names = ["<script>alert(1)</script>", "a b & c.mkv", "\u00e9t\u00e9 #1?.txt", "\"quoted\" 'too'.nfo"];
        foreach (var name in names)
        {
            files.AddFile("/films/" + name.Replace('/', '\\'), new byte[2048]);
        }

        files.AddFolder("/films/sub folder");
        await using var host = await ListenerHost.StartAsync(files, prefix: "/fs");

        var page = await host.AskAsync($"GET /fs/films{slash} HTTP/1.1", cancellationToken);

        Assert.That((page.Status, page["Content-Type"]), Is.EqualTo((200, "text/html; charset=utf-8")));
        Assert.That(page["Content-Security-Policy"], Does.StartWith("default-src 'none'"));
        Assert.That(page.Text, Does.Not.Contain("<script"));
        Assert.That(page.Text, Does.Contain("2 KiB"));
        var links = Link()
            .Matches(page.Text)
            .Select(match => (Href: match.Groups["href"].Value, Text: WebUtility.HtmlDecode(match.Groups["text"].Value)))
            .ToArray();
        Assert.That(links[0], Is.EqualTo(("/fs/", "../")));
        Assert.That(
            links.Skip(1).Select(link => link.Text),
            Is.EquivalentTo(names.Select(name => name.Replace('/', '\\')).Append("sub folder/"))
        );
        foreach (var (href, _) in links)
        {
            Assert.That((await host.AskAsync($"HEAD {href} HTTP/1.1", cancellationToken)).Status, Is.EqualTo(200), href);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task The_style_is_allowed_by_its_hash(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(new MemoryFs());

        var page = await host.AskAsync("GET / HTTP/1.1", cancellationToken);

        var style = page.Text.Split("<style>")[1].Split("</style>")[0];
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style)));
        Assert.That(page["Content-Security-Policy"], Does.Contain($"style-src 'sha256-{hash}'"));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_note_is_shown(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(new NoteFs());

        Assert.That((await host.AskAsync("GET / HTTP/1.1", cancellationToken)).Text, Does.Contain("<p>3 torrents wait &amp; see</p>"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Ten_thousand_entries_are_streamed(CancellationToken cancellationToken)
    {
        var files = new MemoryFs();
        for (var i = 0; i < 10_000; i++)
        {
            files.AddFile($"/many/{i}.mkv", Array.Empty<byte>());
        }

        await using var host = await ListenerHost.StartAsync(files);

        var page = await host.AskAsync("GET /many HTTP/1.1", cancellationToken);

        Assert.That(page["Transfer-Encoding"], Is.EqualTo("chunked"));
        Assert.That(Link().Count(page.Text), Is.EqualTo(10_001));
        Assert.That(page.Text, Does.EndWith("</html>\n"));
    }

    [GeneratedRegex("<a href=\"(?<href>[^\"]*)\">(?<text>[^<]*)</a>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    private sealed class NoteFs : IFileSystem
    {
        public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<FileEntry?>(new FileEntry("", true, 0, default, default, ""));
        }

        public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<DirectoryListing?>(DirectoryListing.From([], "3 torrents wait & see"));
        }

        public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<FileReader?>(null);
        }

        public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
        {
            return ValueTask.FromResult(default(Space));
        }
    }
}
