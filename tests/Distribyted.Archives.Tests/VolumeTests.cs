using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Zip;

namespace Distribyted.Archives.Tests;

/// <summary>Sets of volumes are one folder.</summary>
[CancelAfter(60_000)]
internal sealed class VolumeTests
{
    private static readonly byte[] Film = Random(700_000);

    [Test]
    public async Task Pieces_of_a_zip_file_are_one_folder_beside_the_first(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        AddPieces(bed, "/films/a.zip", Zips.Make(new Dictionary<string, byte[]> { ["film.mkv"] = Film }), 100_000);

        var names = await bed.NamesAsync("/films", cancellationToken);

        Assert.That(names.Where(name => name.EndsWith('!')), Is.EqualTo(new[] { "a.zip.001!" }));
        Assert.That(await bed.NamesAsync("/films/a.zip.001!", cancellationToken), Is.EqualTo(new[] { "film.mkv" }));
        Assert.That(await bed.ReadAsync("/films/a.zip.001!/film.mkv", cancellationToken), Is.EqualTo(Film));
        Assert.That(await bed.Tree.FindAsync(ArchiveBed.Path("/films/a.zip.002!"), cancellationToken), Is.Null);
    }

    [Test]
    public async Task In_place_of_a_set_there_is_one_folder(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed(new ArchiveOptions { Mode = ArchiveMode.Replace });
        AddPieces(bed, "/a.zip", Zips.Make(new Dictionary<string, byte[]> { ["film.mkv"] = Film }), 100_000);
        bed.Add("/b.123", [1]);

        Assert.That(await bed.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "a.zip.001", "b.123" }));
        Assert.That(await bed.ReadAsync("/a.zip.001/film.mkv", cancellationToken), Is.EqualTo(Film));
    }

    [Test]
    public async Task A_missing_volume_is_named(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        AddPieces(bed, "/a.zip", Zips.Make(new Dictionary<string, byte[]> { ["film.mkv"] = Film }), 100_000);
        await bed.Memory.DeleteAsync(ArchiveBed.Path("/a.zip.003"), cancellationToken);

        var listing = await bed.ListAsync("/a.zip.001!", cancellationToken);

        Assert.That(
            (listing.Count, listing.Note),
            Is.EqualTo((0, "What is in this archive cannot be shown: The volume \"a.zip.003\" is missing."))
        );
    }

    private static void AddPieces(ArchiveBed bed, string path, byte[] archive, int length)
    {
        foreach (var (piece, i) in archive.Chunk(length).Select((piece, i) => (piece, i)))
        {
            bed.Add($"{path}.{i + 1:000}", piece);
        }
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
