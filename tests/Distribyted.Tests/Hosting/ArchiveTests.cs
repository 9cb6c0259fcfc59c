using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>Archives in a torrent, read through both listeners from a swarm.</summary>
[CancelAfter(120_000)]
internal sealed class ArchiveTests
{
    private static readonly byte[] Film = TestBytes(3_000_000, seed: 1);
    private static readonly byte[] Other = TestBytes(2_000_000, seed: 2);

    [Test]
    public async Task A_stored_entry_is_read_from_the_swarm_as_any_file_is(CancellationToken cancellationToken)
    {
        await using var shared = new SharedArchives("set", [("films.zip", Zip()), ("readme.txt", TestBytes(70_000, seed: 3))]);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);

        Assert.That(await PropFindAsync(bed, "films/set/", cancellationToken), Does.Contain("films.zip%21/").And.Contain("films.zip<"));
        Assert.That(shared.Fetched, Is.Zero, "a listing opens no archive");

        await ListedAsync(bed, "films/set/films.zip!/", "displayname>a<", cancellationToken);
        Assert.That(shared.Fetched, Is.InRange(1, 5), "the start, the end and the list of entries");

        foreach (
            var address in (Uri[])
                [new Uri(bed.Dav, "films/set/films.zip!/a/film.mkv"), new Uri(bed.Web, "fs/films/set/films.zip!/a/film.mkv")]
        )
        {
            Assert.That(await bed.Client.GetByteArrayAsync(address, cancellationToken), Is.EqualTo(Film).AsCollection);
        }

        Assert.That(
            await bed.Client.GetByteArrayAsync(new Uri(bed.Dav, "films/set/films.zip"), cancellationToken),
            Is.EqualTo(Zip()).AsCollection,
            "the archive is still a file"
        );
    }

    [Test]
    public async Task Eight_readers_at_random_places_get_what_was_packed(CancellationToken cancellationToken)
    {
        await using var shared = new SharedArchives("set", [("films.zip", Zip())]);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => ReadPartsAsync(bed, seed + reader, cancellationToken)));
    }

    [Test]
    public async Task After_a_restart_a_listing_asks_no_peer(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var shared = new SharedArchives("set", [("films.zip", Zip())]);
        await using (var bed = await DaemonBed.StartAsync(folder: folder.Path, cancellationToken: cancellationToken))
        {
            await shared.AddAsync(bed, "films", cancellationToken);
            await ListedAsync(bed, "films/set/films.zip!/a/", "film.mkv", cancellationToken);
        }

        Directory.Delete(Path.Combine(folder.Path, "metadata", "pieces"), recursive: true);
        var fetched = shared.Fetched;
        await using var again = await DaemonBed.StartAsync(folder: folder.Path, cancellationToken: cancellationToken);

        Assert.That(await PropFindAsync(again, "films/set/films.zip!/a/", cancellationToken), Does.Contain("film.mkv"));
        Assert.That(shared.Fetched, Is.EqualTo(fetched));
    }

    [Test]
    public async Task Nothing_in_an_archive_is_written_and_the_torrent_is_deleted_with_it(CancellationToken cancellationToken)
    {
        await using var shared = new SharedArchives("set", [("films.zip", Zip())]);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);
        await ListedAsync(bed, "films/set/films.zip!/a/", "film.mkv", cancellationToken);

        using var refused = await bed.Client.DeleteAsync(new Uri(bed.Dav, "films/set/films.zip!/a/"), cancellationToken);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await bed.StatusAsync("MKCOL", new Uri(bed.Dav, "films/set/films.zip!/b"), cancellationToken), Is.EqualTo(403));
        Assert.That(await bed.StatusAsync("PUT", new Uri(bed.Dav, "films/set/films.zip!/b.txt"), cancellationToken), Is.EqualTo(403));
        using var deleted = await bed.Client.DeleteAsync(new Uri(bed.Dav, "films/set"), cancellationToken);
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await bed.StatusAsync("PROPFIND", new Uri(bed.Dav, "films/set/films.zip!/a/"), cancellationToken), Is.EqualTo(404));
    }

    private static async Task ReadPartsAsync(DaemonBed bed, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20; i++)
        {
            var (name, content) = random.Next(2) == 0 ? ("a/film.mkv", Film) : ("a/b/other.mkv", Other);
            var start = random.Next(content.Length);
            var length = random.Next(1, Math.Min(200_000, content.Length - start) + 1);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(bed.Dav, "films/set/films.zip!/" + name));
            request.Headers.Range = new RangeHeaderValue(start, start + length - 1);
            using var answer = await bed.Client.SendAsync(request, cancellationToken);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            Assert.That(bytes.AsSpan().SequenceEqual(content.AsSpan(start, length)), $"{name} {start}+{length}");
        }
    }

    private static async Task ListedAsync(DaemonBed bed, string folder, string name, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!(await PropFindAsync(bed, folder, cancellationToken)).Contains(name, StringComparison.Ordinal))
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task<string> PropFindAsync(DaemonBed bed, string folder, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(bed.Dav, folder));
        request.Headers.Add("Depth", "1");
        using var answer = await bed.Client.SendAsync(request, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private static byte[] Zip()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in ((string, byte[])[])[("a/film.mkv", Film), ("a/b/other.mkv", Other)])
            {
                var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(2024, 5, 6, 7, 8, 10, TimeSpan.Zero);
                using var writing = entry.Open();
                writing.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] TestBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
