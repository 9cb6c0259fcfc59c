using System.IO.Compression;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Tests.Spools;
using Distribyted.Archives.Unpacking.Deflate;

namespace Distribyted.Archives.Tests.Unpacking;

/// <summary>Our own deflate gives what that of the system gives, also from a state that was saved.</summary>
public sealed class InflateTests
{
    public static readonly string[] Contents = ["text", "noise", "zeros", "mixed", "short", "empty", "two bytes in turn"];

    [Test]
    public void What_the_system_packs_is_unpacked(
        [ValueSource(nameof(Contents))] string kind,
        [Values(CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.SmallestSize)] CompressionLevel level
    )
    {
        var content = Make(kind);
        var packed = Pack(content, level);

        Assert.That(ReadAll(new InflateStream(new MemoryStream(packed)), 10_000), Is.EqualTo(content));
        Assert.That(ReadAll(new InflateStream(new SlowStream(packed)), 77), Is.EqualTo(content));
    }

    [Test]
    public void It_goes_on_from_any_state_that_was_saved([ValueSource(nameof(Contents))] string kind, [Values(1, 1000, 65_536)] int step)
    {
        var content = Make(kind);
        if (step == 1)
        {
            content = content[..Math.Min(content.Length, 5000)];
        }

        foreach (var level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Optimal])
        {
            var packed = Pack(content, level);
            using var whole = new InflateStream(new MemoryStream(packed));
            var states = new List<(int Position, InflateState State)> { (0, whole.Save()) };
            var buffer = new byte[step];
            for (var position = 0; whole.Read(buffer) is var read and > 0; )
            {
                position += read;
                states.Add((position, whole.Save()));
            }

            var random = new Random(1);
            for (var i = 0; i < 50; i++)
            {
                var (position, state) = states[random.Next(states.Count)];
                var rest = new MemoryStream(packed, (int)state.Packed, packed.Length - (int)state.Packed);
                Assert.That(ReadAll(new InflateStream(rest, state), 5000).AsSpan().SequenceEqual(content.AsSpan(position)), $"{position}");
            }
        }
    }

    /// <summary>Both accept the same streams, and give the same bytes up to where they refuse one.</summary>
    [Test]
    public void Damaged_bytes_are_refused_where_the_system_refuses_them()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var contents = Contents
            .Select(static kind => Make(kind))
            .Select(static content => content[..Math.Min(content.Length, 4000)])
            .ToArray();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Damaged(random, contents[random.Next(contents.Length)]);

            var own = ReadUntilError(new InflateStream(new MemoryStream(bytes)), random.Next(1, 3000), out var error);
            var system = ReadUntilError(new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress), 3000, out var expected);

            refused += error is null ? 0 : 1;
            Assert.That(error, Is.Null.Or.TypeOf<ArchiveException>(), $"seed {seed}, input {i}");
            Assert.That(IsCutOff(error) || error is null == expected is null, $"seed {seed}, input {i}: {error} {expected}");
            Assert.That(
                own.AsSpan().CommonPrefixLength(system),
                Is.EqualTo(error is null ? Math.Max(own.Length, system.Length) : Math.Min(own.Length, system.Length)),
                $"seed {seed}, input {i}"
            );
        }

        Assert.That(refused, Is.InRange(2000, 19_000), $"seed {seed}");
    }

    private static byte[] Damaged(Random random, byte[] content)
    {
        var bytes = Pack(content, (CompressionLevel)random.Next(4));
        for (var edits = random.Next(0, 4); edits > 0; edits--)
        {
            var at = random.Next(random.Next(2) == 0 ? Math.Min(100, bytes.Length) : bytes.Length);
            bytes[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8)));
        }

        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    // The system takes the end of the file for that of the stream.
    private static bool IsCutOff(Exception? error)
    {
        return error?.Message.Contains("ends too early", StringComparison.Ordinal) == true;
    }

    private static byte[] ReadUntilError(Stream stream, int step, out Exception? error)
    {
        using var content = new MemoryStream();
        var buffer = new byte[step];
        error = null;
        try
        {
            while (content.Length < 10_000_000 && stream.Read(buffer) is var read and > 0)
            {
                content.Write(buffer, 0, read);
            }
        }
        catch (Exception e)
        {
            error = e;
        }

        return content.ToArray();
    }

    [Test]
    public void What_ends_too_early_is_refused()
    {
        var packed = Pack(Make("text"), CompressionLevel.Optimal);

        foreach (var length in (int[])[0, 1, 5, packed.Length / 2, packed.Length - 1])
        {
            Assert.That(
                () => ReadAll(new InflateStream(new MemoryStream(packed, 0, length)), 10_000),
                Throws.TypeOf<ArchiveException>(),
                $"{length}"
            );
        }
    }

    [Test]
    public void Gzip_is_read_as_gzip_reads_it()
    {
        var content = Make("text");
        var member = Gzip(content);

        Assert.That(ReadAll(new GzipStream(new MemoryStream([.. member, .. member])), 10_000), Is.EqualTo(content.Concat(content)));
        Assert.That(ReadAll(new GzipStream(new MemoryStream([.. member, .. new byte[512]])), 10_000), Is.EqualTo(content), "padding");
        byte[] named =
        [
            .. member.AsSpan(0, 3),
            0x1E,
            .. member.AsSpan(4, 6),
            2,
            0,
            9,
            9,
            .. "name\0comment\0"u8,
            7,
            7,
            .. member.AsSpan(10),
        ];
        Assert.That(ReadAll(new GzipStream(new MemoryStream(named)), 10_000), Is.EqualTo(content), "all fields of a header");
    }

    [Test]
    public void Damaged_gzip_is_refused()
    {
        var member = Gzip(Make("text"));
        byte[] sum = [.. member];
        sum[^6] ^= 1;
        byte[] length = [.. member];
        length[^2] ^= 1;
        foreach (
            var bytes in (byte[][])
                [
                    [],
                    [.. "no gzip at all"u8],
                    sum,
                    length,
                    member[..^1],
                    member[..5],
                    [.. member, .. member.AsSpan(0, 5)],
                ]
        )
        {
            Assert.That(
                () => ReadAll(new GzipStream(new MemoryStream(bytes)), 10_000),
                Throws.TypeOf<ArchiveException>(),
                $"{bytes.Length}"
            );
        }
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Make(string kind)
    {
        var files = PackedFiles.Make(600_000);
        return kind switch
        {
            "text" => files["film.mkv"],
            "noise" => files["folder/noise.bin"],
            "zeros" => new byte[300_000],
            "mixed" =>
            [
                .. files["film.mkv"]
                    .Chunk(3000)
                    .Zip(files["folder/noise.bin"].Chunk(500))
                    .SelectMany(static c => c.First.Concat(c.Second).Concat(new byte[700])),
            ],
            "short" => [1, 2, 3],
            "empty" => [],
            _ => [.. Enumerable.Range(0, 100_000).Select(static i => (byte)(i & 1))],
        };
    }

    private static byte[] Pack(byte[] content, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var stream = new DeflateStream(packed, level, leaveOpen: true))
        {
            stream.Write(content);
        }

        return content.Length == 0 ? [3, 0] : packed.ToArray(); // the system writes nothing for nothing
    }

    private static byte[] ReadAll(Stream stream, int step)
    {
        using var content = new MemoryStream();
        var buffer = new byte[step];
        while (stream.Read(buffer) is var read and > 0)
        {
            content.Write(buffer, 0, read);
        }

        stream.Dispose();
        return content.ToArray();
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer)
        {
            return base.Read(buffer[..Math.Min(buffer.Length, 3)]);
        }
    }
}
