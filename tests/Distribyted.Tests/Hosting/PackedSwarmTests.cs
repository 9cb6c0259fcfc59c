using System.Net;
using System.Net.Http.Headers;
using Distribyted.Archives.Tests.Spools;

namespace Distribyted.Tests.Hosting;

/// <summary>Compressed films in archives, read from a swarm through both listeners, with little space on disk.</summary>
[CancelAfter(180_000)]
internal sealed class PackedSwarmTests
{
    private const long Cache = 128L << 20;
    private const int Length = 12_000_000;

    private static readonly Dictionary<string, byte[]> Files = PackedFiles.Make(Length);

    [TestCase("zip deflate")]
    [TestCase("zip LZMA")]
    [TestCase("7z LZMA2")]
    [TestCase("tar.gz")]
    [TestCase("txz blocks")]
    public async Task Eight_readers_at_random_places_get_what_was_packed_within_memory_and_disk(
        string kind,
        CancellationToken cancellationToken
    )
    {
        var name = PackedArchives.NameOf(kind);
        await using var shared = new SharedArchives("set", [(name, PackedArchives.Make(kind, Files))]);
        await using var bed = await DaemonBed.StartAsync("  global_cache_size: 128", cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var before = Environment.WorkingSet;
        var sampling = SampleAsync(bed, ending.Token);
        var seed = Environment.TickCount;

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async reader =>
                {
                    await Task.Yield();
                    var random = new Random(seed + reader);
                    for (var i = 0; i < 8; i++)
                    {
                        var (file, content) = Files.ElementAt(random.Next(Files.Count));
                        var start = random.Next(content.Length);
                        var length = random.Next(1, Math.Min(300_000, content.Length - start) + 1);
                        var root = random.Next(2) == 0 ? bed.Dav : new Uri(bed.Web, "fs/");
                        var bytes = await GetAsync(bed, new Uri(root, $"films/set/{name}!/{file}"), start, length, cancellationToken);
                        Assert.That(bytes.AsSpan().SequenceEqual(content.AsSpan(start, length)), $"seed {seed}: {file} {start}+{length}");
                    }
                })
        );
        foreach (var root in (Uri[])[bed.Dav, new Uri(bed.Web, "fs/")])
        {
            var whole = await bed.Client.GetByteArrayAsync(new Uri(root, $"films/set/{name}!/film.mkv"), cancellationToken);
            Assert.That(whole.AsSpan().SequenceEqual(Files["film.mkv"]), root.ToString());
        }

        await ending.CancelAsync();
        var (memory, spool) = await sampling;
        TestContext.Out.WriteLine($"{kind}: memory {before >> 20} MiB before, {memory >> 20} MiB at most, spool {spool >> 20} MiB at most");
        Assert.That(spool, Is.InRange(1, Cache / 2));
        Assert.That(memory - before, Is.LessThan(300 << 20));
    }

    private static async Task<(long Memory, long Spool)> SampleAsync(DaemonBed bed, CancellationToken ending)
    {
        var (memory, spool) = (0L, 0L);
        var folder = new DirectoryInfo(Path.Combine(bed.MetadataFolder, "spools"));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        bool goesOn;
        do
        {
            goesOn = await NextAsync(tick, ending);
            folder.Refresh();
            memory = Math.Max(memory, Environment.WorkingSet);
            spool = Math.Max(spool, folder.Exists ? folder.GetFiles().Sum(LengthOf) : 0);
        } while (goesOn);

        return (memory, spool);
    }

    private static async Task<bool> NextAsync(PeriodicTimer tick, CancellationToken ending)
    {
        try
        {
            return await tick.WaitForNextTickAsync(ending);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // gone since
        }
    }

    private static async Task<byte[]> GetAsync(DaemonBed bed, Uri address, long start, int length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = new RangeHeaderValue(start, start + length - 1);
        using var answer = await bed.Client.SendAsync(request, cancellationToken);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent), address.ToString());
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }
}
