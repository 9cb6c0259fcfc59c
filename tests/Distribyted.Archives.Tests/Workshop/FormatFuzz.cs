using System.Diagnostics;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Reads indexes of damaged archives: each is an index whose ranges lie inside of their volumes, or an <see cref="ArchiveException"/>, for a bounded price.</summary>
/// <remarks><c>DISTRIBYTED_TESTS_FUZZ</c> is the number of inputs of each test, for long runs. The seed is printed, and taken from <c>DISTRIBYTED_TESTS_SEED</c>.</remarks>
internal static class FormatFuzz
{
    private const int MaxEntries = 200;
    private const int MaxHeaderBytes = 256 * 1024;

    // A header that is as long as the budget, decompressed and as objects.
    private const long MaxAllocated = 16 * 1024 * 1024;

    private static readonly ArchiveLimits Limits = new(MaxEntries, MaxHeaderBytes, []);

    /// <param name="format">What is tested.</param>
    /// <param name="seeds">Valid archives.</param>
    /// <param name="repair">Makes checksums right again after damage, so that the code behind them is reached; may leave the bytes as they are.</param>
    public static async Task SurvivesAsync(
        IArchiveFormat format,
        IReadOnlyList<IReadOnlyList<TestVolume>> seeds,
        Action<byte[]>? repair = null
    )
    {
        var inputs = long.TryParse(Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_FUZZ"), out var asked) ? asked : 5_000;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}, {inputs} inputs");
        var random = new Random(seed);
        var (indexes, refusals, mostReads, mostAllocated) = (0L, 0L, 0, 0L);
        var clock = Stopwatch.StartNew();
        for (var input = 0L; input < inputs; input++)
        {
            var source = Damage(seeds, random, repair);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var index = await format.ReadIndexAsync(source, Limits, CancellationToken.None);
                indexes++;
                Check(index, source, seed, input);
            }
            catch (ArchiveException)
            {
                refusals++;
            }
            catch (Exception error) when (error is not AssertionException)
            {
                Assert.Fail($"seed {seed}, input {input}: {error}");
            }

            mostAllocated = Math.Max(mostAllocated, GC.GetAllocatedBytesForCurrentThread() - before);
            mostReads = Math.Max(mostReads, source.Reads);
            if (mostAllocated > MaxAllocated || mostReads > MaxHeaderBytes / 512 || source.BytesRead > MaxHeaderBytes)
            {
                Assert.Fail(
                    $"seed {seed}, input {input}: {mostAllocated} bytes allocated, {source.Reads} reads of {source.BytesRead} bytes"
                );
            }
        }

        TestContext.Out.WriteLine(
            $"{indexes} indexes, {refusals} refusals, at most {mostReads} reads and {mostAllocated} bytes allocated, {clock.Elapsed.TotalSeconds:F1} s"
        );
        Assert.That(indexes, Is.GreaterThan(inputs / 1000), "the damage leaves some archives readable");
    }

    private static void Check(ArchiveIndex index, TestSource source, int seed, long input)
    {
        var isRight =
            index.Entries.Length <= MaxEntries
            && index.Entries.All(entry =>
                entry.Length is null or >= 0
                && entry.PackedLength >= 0
                && (entry.Ranges.IsEmpty || entry.Ranges.Sum(static range => range.Length) == entry.Length)
                && entry.Ranges.All(range =>
                    range.Length > 0
                    && range.Offset >= 0
                    && range.Volume >= 0
                    && range.Volume < source.Volumes
                    && range.Offset <= source.LengthOf(range.Volume) - range.Length
                )
            );
        if (!isRight)
        {
            Assert.Fail($"seed {seed}, input {input}: {string.Join("; ", index.Entries)}");
        }
    }

    private static TestSource Damage(IReadOnlyList<IReadOnlyList<TestVolume>> seeds, Random random, Action<byte[]>? repair)
    {
        if (random.Next(50) == 0)
        {
            var noise = new byte[random.Next(400)];
            random.NextBytes(noise);
            return TestSource.Of(noise);
        }

        var seed = seeds[random.Next(seeds.Count)];
        var hit = random.Next(seed.Count);
        return new TestSource([.. seed.Select((volume, n) => Damage(volume, n == hit || random.Next(4) == 0, random, repair))]);
    }

    /// <summary>Holes stay as they are, so that an image costs no more than its headers.</summary>
    private static TestVolume Damage(TestVolume volume, bool isHit, Random random, Action<byte[]>? repair)
    {
        var damaged = new TestVolume(volume.Name);
        foreach (var (_, original, length) in volume.Parts)
        {
            if (original is null)
            {
                damaged.AddHole(length);
                continue;
            }

            var bytes = (byte[])original.Clone();
            for (var edits = isHit ? random.Next(1, 5) : 0; edits > 0; edits--)
            {
                bytes = Edit(bytes, random);
            }

            if (random.Next(4) != 0)
            {
                repair?.Invoke(bytes);
            }

            damaged.Add(bytes);
        }

        return damaged;
    }

    private static byte[] Edit(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        // Half of all damage is done where headers begin.
        var at = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 200));
        var end = Math.Min(bytes.Length, at + random.Next(1, 30));
        switch (random.Next(9))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[end..]];
            case 2:
                return [.. bytes[..end], .. bytes[at..]];
            case 3:
                bytes.AsSpan(at, end - at).Fill(random.Next(2) == 0 ? (byte)0 : (byte)255);
                return bytes;
            case 4:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 5:
                bytes.AsSpan(at, Math.Min(bytes.Length - at, end - at)).CopyTo(bytes.AsSpan(random.Next(bytes.Length - (end - at) + 1)));
                return bytes;
            default:
                bytes[at] = (byte)random.Next(256);
                return bytes;
        }
    }
}
