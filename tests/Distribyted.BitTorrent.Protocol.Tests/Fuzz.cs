using System.Buffers;
using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Tests;

/// <summary>Bytes as unknown peers send them: noise, good texts with damage, and well-formed nonsense that uses the right words.</summary>
internal static class Fuzz
{
    // How many texts each test tries instead of its own number, for long runs.
    private static readonly long? Asked = long.TryParse(Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_FUZZ"), out var n) ? n : null;

    /// <summary>"Any bytes give a value or a ProtocolException."</summary>
    public static void EveryTextIsReadOrRefused(Action<byte[]> read, IReadOnlyList<byte[]> seeds, string[] words, long iterations = 4_000)
    {
        var gen = Gen.OneOf(Gen.Byte.Array[0, 300], Damaged(seeds), Nonsense(words));
        gen.Sample(bytes => IsReadOrRefused(read, bytes), iter: Iterations(iterations));
    }

    /// <summary>How many inputs a test tries: its own number, or that of <c>DISTRIBYTED_TESTS_FUZZ</c>.</summary>
    public static long Iterations(long own)
    {
        return Asked ?? own;
    }

    public static bool IsReadOrRefused(Action<byte[]> read, byte[] bytes)
    {
        try
        {
            read(bytes);
        }
        catch (ProtocolException)
        {
            return true;
        }

        return true;
    }

    public static byte[] Ascii(string text)
    {
        return Encoding.Latin1.GetBytes(text);
    }

    public static byte[] Bencode(Action<BencodeWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new BencodeWriter(output));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Bytes that a run of <paramref name="action"/> allocates, refused or not.</summary>
    public static long AllocatedBy(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            action();
        }
        catch (ProtocolException)
        {
            // Refusing is fine, it is the price that counts.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public static Gen<T> AnyOf<T>(T[] values)
    {
        return Gen.Int[0, values.Length - 1].Select(i => values[i]);
    }

    private static Gen<byte[]> Damaged(IReadOnlyList<byte[]> seeds)
    {
        var gen =
            from seed in AnyOf([.. seeds])
            from edits in Gen.Select(Gen.Int[0, 4], Gen.Int[0, int.MaxValue - 1], Gen.Byte, Gen.Int[1, 30]).Array[1, 4]
            select edits.Aggregate(seed, static (bytes, edit) => Damage(bytes, edit.Item1, edit.Item2, edit.Item3, edit.Item4));
        return gen;
    }

    private static byte[] Damage(byte[] bytes, int kind, int where, byte value, int length)
    {
        if (bytes.Length == 0)
        {
            return [value];
        }

        var at = where % bytes.Length;
        var end = Math.Min(bytes.Length, at + length);
        return kind switch
        {
            0 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            1 => bytes[..at],
            2 => [.. bytes[..at], .. bytes[end..]],
            3 => [.. bytes[..end], .. bytes[at..]],
            _ => [.. bytes[..at], (byte)('0' + (value % 10)), .. bytes[at..]],
        };
    }

    /// <summary>Bencoded trees whose keys and strings are words of the format, each at any place and of any kind.</summary>
    private static Gen<byte[]> Nonsense(string[] words)
    {
        var word = AnyOf([.. words, "", "x"]);
        var numbers = Gen.OneOf(Gen.Long, AnyOf([0L, 1L, -1L, 6881L, 16384L, int.MaxValue, long.MaxValue, long.MinValue]));
        var leaf = Gen.OneOf(
            numbers.Select(static n => Ascii($"i{n}e")),
            word.Select(static w => String(Ascii(w))),
            Gen.Byte.Array[0, 40].Select(String)
        );
        return Gen.Recursive<byte[]>(
            (depth, self) =>
                depth > 4
                    ? leaf
                    : Gen.Frequency(
                        (2, leaf),
                        (1, self.Array[0, 3].Select(static items => (byte[])[(byte)'l', .. items.SelectMany(static i => i), (byte)'e'])),
                        (3, Gen.Select(word, self).Array[0, 6].Select(Dictionary))
                    )
        );
    }

    private static byte[] Dictionary((string Key, byte[] Value)[] pairs)
    {
        var body = pairs
            .DistinctBy(static pair => pair.Key)
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(static pair => (byte[])[.. String(Ascii(pair.Key)), .. pair.Value]);
        return [(byte)'d', .. body, (byte)'e'];
    }

    private static byte[] String(byte[] bytes)
    {
        return [.. Ascii($"{bytes.Length}:"), .. bytes];
    }
}
