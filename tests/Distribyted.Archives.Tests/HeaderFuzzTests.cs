using System.Formats.Tar;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Tests.Tar;
using Distribyted.Archives.Tests.Zip;

namespace Distribyted.Archives.Tests;

/// <summary>Damaged and invented archives are read or refused, and what is read lies inside the archive. <c>DISTRIBYTED_FUZZ</c>: how many inputs.</summary>
internal sealed class HeaderFuzzTests
{
    private static readonly int Inputs = int.TryParse(Environment.GetEnvironmentVariable("DISTRIBYTED_FUZZ"), out var count)
        ? count
        : 20_000;

    private static readonly Dictionary<string, byte[]> Files = new(StringComparer.Ordinal)
    {
        ["a/film.mkv"] = new byte[700],
        ["b.txt"] = [1, 2, 3],
        ["\u00e9.nfo"] = [],
    };

    [Test]
    public async Task Zip()
    {
        await FuzzAsync(new ZipFormat(), [Zips.Make(Files), Zips.Make(Files, System.IO.Compression.CompressionLevel.Optimal), Zip64()]);
    }

    [Test]
    public async Task Tar()
    {
        await FuzzAsync(
            new TarFormat(),
            [Tars.Make(Files, TarEntryFormat.Pax), Tars.Make(Files, TarEntryFormat.Gnu), Tars.Make(Files, TarEntryFormat.Ustar)]
        );
    }

    private static async Task FuzzAsync(IArchiveFormat format, byte[][] samples)
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}, {Inputs} inputs");
        var random = new Random(seed);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Damage(random, samples[random.Next(samples.Length)], format is TarFormat);
            try
            {
                format.Recognises(bytes.AsSpan(0, Math.Min(bytes.Length, format.HeadBytes)));
                var index = await format.ReadIndexAsync(new MemorySource(bytes), MemorySource.Limits, CancellationToken.None);
                await CheckAsync(format, index, bytes);
                read++;
            }
            catch (ArchiveException)
            {
                refused++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"seed {seed}, input {i}: {e}");
            }
        }

        TestContext.Out.WriteLine($"{read} read, {refused} refused");
        Assert.That(Math.Min(read, refused), Is.GreaterThan(Inputs / 100));
    }

    private static async Task CheckAsync(IArchiveFormat format, ArchiveIndex index, byte[] bytes)
    {
        ArchiveContent.Build(format, index);
        foreach (var entry in index.Entries)
        {
            var ranges = await format.LocateAsync(new MemorySource(bytes), entry, CancellationToken.None);
            foreach (var range in ranges)
            {
                Assert.That(range.Offset, Is.InRange(0, bytes.Length));
                Assert.That(range.Length, Is.InRange(1, bytes.Length - range.Offset));
            }

            Assert.That(ranges.Length == 0 || ranges.Sum(range => range.Length) == entry.Length);
        }
    }

    private static byte[] Damage(Random random, byte[] sample, bool isTar)
    {
        var bytes = sample.ToArray();
        if (random.Next(20) == 0)
        {
            bytes = bytes[..random.Next(bytes.Length)];
        }

        for (var changes = random.Next(1, 5); changes > 0 && bytes.Length > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)).Fill((byte)(random.Next(2) * 255));
                    break;
                default:
                    var from = random.Next(bytes.Length);
                    var length = Math.Min(random.Next(1, 40), bytes.Length - Math.Max(at, from));
                    bytes.AsSpan(from, length).ToArray().CopyTo(bytes, at);
                    break;
            }
        }

        // Without a right checksum nothing behind it would be tried.
        for (var at = 0; isTar && at + 512 <= bytes.Length && random.Next(4) > 0; at += 512)
        {
            if (bytes.AsSpan(at + 257).StartsWith("ustar"u8))
            {
                TarFormatTests.Sign(bytes.AsSpan(at, 512));
            }
        }

        return bytes;
    }

    private static byte[] Zip64()
    {
        return Zips.MakeWith(
            "python3",
            [
                "-c",
                "import sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],'w') as z:\n for n in ('a/film.mkv','b.txt'):\n  with z.open(n,'w',force_zip64=True) as e: e.write(open(n,'rb').read())",
                "OUT",
            ],
            Files
        );
    }
}
