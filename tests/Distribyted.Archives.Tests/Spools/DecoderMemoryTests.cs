using System.Globalization;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Spools;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>The memory of all decompression together has a limit.</summary>
[CancelAfter(120_000)]
[NonParallelizable] // measures the memory of the process
internal sealed class DecoderMemoryTests
{
    private const int Mebibyte = 1 << 20;
    private const int Archives = 12;

    [TestCase("tar.xz", "film.mkv")]
    [TestCase("zip", "film.mkv")]
    [TestCase("ppmd.7z", "film.mkv")]
    [TestCase("tar.zst", "film.mkv")]
    public async Task Many_readers_of_large_dictionaries_keep_to_the_limit_of_memory(
        string kind,
        string name,
        CancellationToken cancellationToken
    )
    {
        var files = PackedFiles.Make(400_000);
        var archive = Make(kind, files);
        await using var bed = new ArchiveBed();
        for (var i = 0; i < Archives; i++)
        {
            bed.Add(Path(kind, i), archive);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(bed, ending.Token);

        await Task.WhenAll(
            Enumerable
                .Range(0, Archives)
                .Select(async i => Assert.That(await bed.ReadAsync($"{Path(kind, i)}!/{name}", cancellationToken), Is.EqualTo(files[name])))
        );

        await ending.CancelAsync();
        var (reserved, heap, spool) = await sampling;
        TestContext.Out.WriteLine(
            $"{kind}: at most {reserved >> 20} MiB reserved, heap {(heap - before) >> 20} MiB larger, {spool >> 20} MiB of spool"
        );
        Assert.That(reserved, Is.InRange(64L * Mebibyte, DecoderGate.TotalMemory));
        Assert.That(heap - before, Is.LessThan(DecoderGate.TotalMemory));
        Assert.That(spool, Is.LessThan((Archives + 1) * 4L * Mebibyte));
    }

    [Test]
    public async Task What_alone_needs_more_than_there_is_says_so(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        bed.Add("/a.tar.xz", PackedArchives.Filter("xz", ["-c", "--lzma2=dict=768MiB"], PackedArchives.Tar(PackedFiles.Make(10_000))));

        Assert.That((await bed.ListAsync("/a.tar.xz!", cancellationToken)).Note, Does.Contain("needs 768 MiB of memory"));
    }

    [Test]
    public async Task Who_asked_first_is_served_first_and_one_that_has_gone_takes_nothing()
    {
        var gate = new DecoderGate(0, 3);
        await gate.TakeAsync("a", gate.Limit - 10, CancellationToken.None);
        using var leaving = new CancellationTokenSource();
        var large = gate.TakeAsync("b", 100, leaving.Token);
        var small = gate.TakeAsync("c", 5, CancellationToken.None);
        Assert.That((large.IsCompleted, small.IsCompleted, gate.IsWanted), Is.EqualTo((false, false, true)));

        await leaving.CancelAsync();
        await small;

        Assert.That(async () => await large, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(gate.IsWanted, Is.False);
        var next = gate.TakeAsync("d", 20, CancellationToken.None);
        gate.Release(gate.Limit - 10);
        await next;
        Assert.That(gate.Memory, Is.EqualTo(25));
    }

    [Test]
    public async Task No_more_decompressions_exist_than_are_allowed()
    {
        var gate = new DecoderGate(1, 2);
        await gate.TakeAsync("a", 1, CancellationToken.None);
        await gate.TakeAsync("b", 1, CancellationToken.None);

        var third = gate.TakeAsync("c", 1, CancellationToken.None);

        Assert.That(third.IsCompleted, Is.False);
        gate.Release(1);
        await third;
        Assert.That(
            () => gate.TakeAsync("d", gate.Limit + 1, CancellationToken.None),
            Throws.TypeOf<ArchiveException>().With.Message.Contains("MiB is the most")
        );
    }

    private static async Task<(long Reserved, long Heap, long Spool)> SampleAsync(ArchiveBed bed, CancellationToken ending)
    {
        var (reserved, heap, spool) = (0L, 0L, 0L);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        do
        {
            reserved = Math.Max(reserved, bed.Spools.Memory);
            heap = Math.Max(heap, GC.GetTotalMemory(forceFullCollection: false));
            spool = Math.Max(spool, new DirectoryInfo(bed.SpoolFolder).GetFiles().Sum(LengthOf));
        } while (await NextAsync(tick, ending));
        return (reserved, heap, spool);
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

    private static string Path(string kind, int number)
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"/{number}.{kind.Split('.')[^1] switch { "7z" => "7z", "zip" => "zip", _ => kind }}"
        );
    }

    private static byte[] Make(string kind, Dictionary<string, byte[]> files)
    {
        return kind switch
        {
            "tar.xz" => PackedArchives.Filter("xz", ["-c", "--lzma2=dict=64MiB"], PackedArchives.Tar(files)),
            "tar.zst" => PackedArchives.Filter("sh", ["-c", "'cat | zstd --ultra -22 --zstd=wlog=26 -c'"], PackedArchives.Tar(files)),
            "zip" => PackedArchives.ZipOf(95, files, static c => PackedArchives.Filter("xz", ["-c", "--lzma2=dict=64MiB"], c)),
            _ => PackedArchives.SevenZip(files, "-m0=PPMd:mem=96m"),
        };
    }
}
