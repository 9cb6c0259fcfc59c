using System.Text;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>What the archives of tests have in them.</summary>
internal static class PackedFiles
{
    /// <summary>Files that compress, and one that does not.</summary>
    public static Dictionary<string, byte[]> Make(int length)
    {
        return new(StringComparer.Ordinal)
        {
            ["film.mkv"] = Text(length, 1),
            ["folder/noise.bin"] = Noise(length / 3, 2),
            ["folder/small.txt"] = Text(1000, 3),
        };
    }

    private static byte[] Text(int length, int seed)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, 2000).Select(_ => $"{random.Next():x} ").ToArray();
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
        {
            text.Append(words[random.Next(words.Length)]);
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
