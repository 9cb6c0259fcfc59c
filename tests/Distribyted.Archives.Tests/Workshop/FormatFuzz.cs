using System.Diagnostics;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Indexes;

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
    /// <param name="seeds">Valid archives of one volume.</param>
    /// <param name="repair">As below.</param>
    public static Task SurvivesAsync(IArchiveFormat format, IReadOnlyList<byte[]> seeds, Action<byte[]>? repair = null)
    {
        return SurvivesAsync(format, [.. seeds.Select(static bytes => (IReadOnlyList<TestVolume>)[Volume(bytes)])], repair);
    }

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
            ArchiveIndex? index = null;
            try
            {
                format.Recognises(source.Head(format.HeadBytes));
                index = await format.ReadIndexAsync(source, Limits, CancellationToken.None);
                indexes++;
            }
            catch (ArchiveException)
            {
                refusals++;
            }
            catch (Exception error)
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

            if (index is not null)
            {
                await CheckAsync(format, index, source, $"seed {seed}, input {input}");
            }
        }

        TestContext.Out.WriteLine(
            $"{indexes} indexes, {refusals} refusals, at most {mostReads} reads and {mostAllocated} bytes allocated, {clock.Elapsed.TotalSeconds:F1} s"
        );
        Assert.That(indexes, Is.GreaterThan(inputs / 1000), "the damage leaves some archives readable");
    }

    private static TestVolume Volume(byte[] bytes)
    {
        var volume = new TestVolume("archive");
        volume.AddShared(bytes);
        return volume;
    }

    private static async Task CheckAsync(IArchiveFormat format, ArchiveIndex index, TestSource source, string input)
    {
        if (index.Entries.Length > MaxEntries)
        {
            Assert.Fail($"{input}: {index.Entries.Length} entries");
        }

        ArchiveContent.Build(format, index);
        foreach (var entry in index.Entries)
        {
            try
            {
                var ranges = await format.LocateAsync(source, entry, CancellationToken.None);
                var isRight =
                    entry.Length is null or >= 0
                    && entry.PackedLength >= 0
                    && (ranges.IsEmpty || ranges.Sum(static range => range.Length) == entry.Length)
                    && ranges.All(range =>
                        range.Length > 0
                        && range.Offset >= 0
                        && range.Volume >= 0
                        && range.Volume < source.Volumes
                        && range.Offset <= source.LengthOf(range.Volume) - range.Length
                    );
                if (!isRight)
                {
                    Assert.Fail($"{input}: {entry}, {string.Join("; ", ranges)}");
                }
            }
            catch (ArchiveException)
            {
                // The entry's own header contradicts the index: reading it fails.
            }
            catch (Exception error) when (error is not AssertionException)
            {
                Assert.Fail($"{input}: {error}");
            }
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

    /// <summary>Holes stay as they are, and so do parts that no edit hits: an image costs no more than its damage.</summary>
    private static TestVolume Damage(TestVolume volume, bool isHit, Random random, Action<byte[]>? repair)
    {
        var parts = volume.Parts.Select(static part => part.Bytes).ToArray();
        var full = Enumerable.Range(0, parts.Length).Where(i => parts[i] is not null).ToArray();
        var changed = new HashSet<int>();
        for (var edits = isHit && full.Length > 0 ? random.Next(1, 5) : 0; edits > 0; edits--)
        {
            var part = full[random.Next(full.Length)];
            parts[part] = Edit(changed.Add(part) ? (byte[])parts[part]!.Clone() : parts[part]!, random);
        }

        var isRepaired = random.Next(4) != 0;
        var damaged = new TestVolume(volume.Name);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is not { } bytes)
            {
                damaged.AddHole(volume.Parts[i].Length);
                continue;
            }

            if (isRepaired && changed.Contains(i))
            {
                repair?.Invoke(bytes);
            }

            damaged.AddShared(bytes);
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
