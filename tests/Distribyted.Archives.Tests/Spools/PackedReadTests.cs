using Distribyted.Archives.Options;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

[CancelAfter(120_000)]
internal sealed class PackedReadTests
{
    private const int Length = 3_000_000;

    /// <summary>Files that compress, and one that does not.</summary>
    public static Dictionary<string, byte[]> Files(int length = Length)
    {
        return new(StringComparer.Ordinal)
        {
            ["film.mkv"] = Text(length, 1),
            ["folder/noise.bin"] = Noise(length / 3, 2),
            ["folder/small.txt"] = Text(1000, 3),
        };
    }

    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.Zips))]
    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.SevenZips))]
    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.Tars))]
    public async Task Eight_readers_at_random_offsets_read_what_was_packed(string kind, CancellationToken cancellationToken)
    {
        var files = Files();
        await using var bed = new ArchiveBed(new ArchiveOptions { Passwords = ["wrong", PackedArchives.Password] });
        bed.Add("/" + PackedArchives.NameOf(kind), PackedArchives.Make(kind, files));

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(seed => ReadAtRandomAsync(bed, PackedArchives.FolderOf(kind), files, seed, cancellationToken))
        );

        foreach (var (name, content) in files)
        {
            Assert.That(await bed.ReadAsync($"{PackedArchives.FolderOf(kind)}/{name}", cancellationToken), Is.EqualTo(content), name);
        }
    }

    public static async Task ReadAtRandomAsync(
        ArchiveBed bed,
        string folder,
        Dictionary<string, byte[]> files,
        int seed,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        var random = new Random(seed);
        for (var i = 0; i < 6; i++)
        {
            var (name, content) = files.ElementAt(random.Next(files.Count));
            var offset = random.Next(content.Length);
            var path = ArchiveBed.Path($"{folder}/{name}");
            await using var reader = await bed.Tree.OpenAsync(path, new ReadIntent(offset, null, "test"), cancellationToken);
            var buffer = new byte[Math.Min(100_000, content.Length - offset)];
            for (var filled = 0; filled < buffer.Length; )
            {
                var read = await reader!.ReadAsync(buffer.AsMemory(filled), offset + filled, cancellationToken);
                Assert.That(read, Is.Positive);
                filled += read;
            }

            Assert.That(buffer.AsSpan().SequenceEqual(content.AsSpan(offset, buffer.Length)), Is.True, $"{name} at {offset}");
        }
    }

    private static byte[] Text(int length, int seed)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, 2000).Select(_ => $"{random.Next():x} ").ToArray();
        var text = new System.Text.StringBuilder(length + 16);
        while (text.Length < length)
        {
            text.Append(words[random.Next(words.Length)]);
        }

        return System.Text.Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
