using Distribyted.Archives.Options;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

[CancelAfter(120_000)]
internal sealed class PackedReadTests
{
    private const int Length = 1_000_000;

    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.Zips))]
    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.SevenZips))]
    [TestCaseSource(typeof(PackedArchives), nameof(PackedArchives.Tars))]
    public async Task Eight_readers_at_random_offsets_read_what_was_packed(string kind, CancellationToken cancellationToken)
    {
        var files = PackedFiles.Make(Length);
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
}
