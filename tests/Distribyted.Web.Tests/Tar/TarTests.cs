using System.Buffers;
using System.Formats.Tar;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Distribyted.FileSystem;
using Distribyted.Testing;
using Distribyted.Web.Tar;
using TarFile = Distribyted.Web.Tar.TarFile;

namespace Distribyted.Web.Tests.Tar;

/// <summary>A folder as a tar: what readers of tars make of it, and that parts of it fit the whole.</summary>
[CancelAfter(60_000)]
internal sealed class TarTests
{
    private static readonly string Long = string.Join('/', Enumerable.Repeat(new string('d', 90), 3)) + "/film.mkv";

    [Test]
    public async Task Readers_of_tars_find_every_file_as_it_is(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: Tree());

        using var response = await bed.Client.GetAsync("/fs/films?tar", cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);

        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(bytes.Length));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/x-tar"));
        Assert.That(response.Content.Headers.ContentDisposition?.FileName, Is.EqualTo("films.tar"));
        Assert.That(
            await EntriesAsync(bytes, cancellationToken),
            Is.EquivalentTo([
                ("films/a.mkv", "0123456789"),
                ("films/empty.txt", ""),
                ("films/\u00e9t\u00e9.mkv", "summer"),
                ("films/" + Long, new string('x', 1000)),
            ])
        );
    }

    [Test]
    public async Task Any_range_is_that_part_of_the_whole(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: Tree());
        var whole = await bed.Client.GetByteArrayAsync("/fs/films?tar", cancellationToken);
        var random = new Random(5);

        foreach (var from in Enumerable.Range(0, 40).Select(_ => random.Next(whole.Length)).Concat([0, 511, 512, 513, whole.Length - 1]))
        {
            var to = random.Next(from, whole.Length);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/fs/films?tar");
            request.Headers.Range = new RangeHeaderValue(from, to);
            using var response = await bed.Client.SendAsync(request, cancellationToken);

            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            Assert.That(await response.Content.ReadAsByteArrayAsync(cancellationToken), Is.EqualTo(whole[from..(to + 1)]), $"{from}-{to}");
        }
    }

    [Test]
    public async Task It_has_a_length_and_an_ETag_that_changes_with_the_folder(CancellationToken cancellationToken)
    {
        var tree = Tree();
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: tree);

        using var first = await bed.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/fs/films?tar"), cancellationToken);
        using var again = await bed.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/fs/films?tar"), cancellationToken);
        tree.AddFile("/films/new.mkv", "new"u8.ToArray());
        using var later = await bed.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/fs/films?tar"), cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fs/films?tar");
        request.Headers.Range = new RangeHeaderValue(100, 200);
        request.Headers.IfRange = new RangeConditionHeaderValue(first.Headers.ETag!);
        using var stale = await bed.Client.SendAsync(request, cancellationToken);

        Assert.That(first.Content.Headers.ContentLength, Is.GreaterThan(1024));
        Assert.That(again.Headers.ETag, Is.EqualTo(first.Headers.ETag));
        Assert.That(later.Headers.ETag, Is.Not.EqualTo(first.Headers.ETag));
        Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.OK), "all of the new one, not a part that does not fit the old");
    }

    [Test]
    public async Task A_range_opens_only_the_files_that_it_asks_for(CancellationToken cancellationToken)
    {
        var tree = new MemoryFs();
        tree.AddFile("/films/a.mkv", new byte[2000]);
        var waiting = new OpenedFiles(tree);
        var layout = await TarLayout.WalkAsync(waiting, VirtualPath.Parse("/films"), "films", cancellationToken);
        var entry = new FileEntry("films.tar", false, layout!.Length, default, default, layout.ETag);
        await using var reader = await new TarFile(waiting, layout, entry).OpenAsync(new ReadIntent(0, 612, "test"), cancellationToken);
        var buffer = new byte[4096];

        var header = await reader!.ReadAsync(buffer, 0, cancellationToken);
        var before = waiting.Intents.Count;
        await reader.ReadAsync(buffer.AsMemory(0, 100), 512, cancellationToken);

        Assert.That((header, before), Is.EqualTo((512, 0)));
        Assert.That(waiting.Intents, Is.EqualTo([new ReadIntent(0, 100, "test")]));
    }

    [TestCase(0L)]
    [TestCase(8_589_934_591L)]
    [TestCase(8_589_934_592L)]
    [TestCase(1L << 40)]
    public void A_header_says_the_length_whatever_it_is(long length)
    {
        var bytes = TarHeader.Of("a.mkv", false, length, DateTimeOffset.UnixEpoch);
        using var header = PipeReader.Create(new ReadOnlySequence<byte>(bytes)).AsStream(); // one that cannot be searched for the next entry
        using var reader = new TarReader(header);

        Assert.That(reader.GetNextEntry()!.Length, Is.EqualTo(length));
    }

    [Test]
    public async Task A_file_with_tar_in_its_query_is_a_file_and_what_is_not_there_is_404(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: Tree());

        Assert.That((await bed.SendAsync("GET", "/fs/films/a.mkv?tar", cancellationToken)).Text, Is.EqualTo("0123456789"));
        Assert.That((await bed.SendAsync("GET", "/fs/none?tar", cancellationToken)).Status, Is.EqualTo(404));
    }

    private static MemoryFs Tree()
    {
        var tree = new MemoryFs();
        tree.AddFile("/films/a.mkv", "0123456789"u8.ToArray());
        tree.AddFile("/films/empty.txt", ReadOnlyMemory<byte>.Empty);
        tree.AddFile("/films/\u00e9t\u00e9.mkv", "summer"u8.ToArray());
        tree.AddFile("/films/" + Long, System.Text.Encoding.ASCII.GetBytes(new string('x', 1000)));
        return tree;
    }

    private static async Task<List<(string Name, string Text)>> EntriesAsync(byte[] tar, CancellationToken cancellationToken)
    {
        List<(string, string)> entries = [];
        using var reader = new TarReader(new MemoryStream(tar));
        while (await reader.GetNextEntryAsync(copyData: true, cancellationToken) is { } entry)
        {
            if (entry.EntryType == TarEntryType.Directory)
            {
                continue;
            }

            using var text = new StreamReader(entry.DataStream ?? Stream.Null);
            entries.Add((entry.Name, await text.ReadToEndAsync(cancellationToken)));
        }

        return entries;
    }
}
