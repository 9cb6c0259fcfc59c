using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;

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

    [TestCase(4, true, "/film.rar!")]
    [TestCase(5, false, "/film.part01.rar!")]
    public async Task A_seek_into_a_film_over_many_volumes_reads_one_of_them(
        int version,
        bool isOldNaming,
        string folder,
        CancellationToken cancellationToken
    )
    {
        await using var bed = new ArchiveBed();
        var options = new RarOptions
        {
            Version = version,
            VolumeLength = 100_000,
            IsOldNaming = isOldNaming,
        };
        foreach (var volume in RarWriter.Write("film", options, new RarItem("film.mkv", Film)))
        {
            bed.Add("/" + volume.Name, volume.ToArray());
        }

        Assert.That(await bed.NamesAsync(folder, cancellationToken), Is.EqualTo(new[] { "film.mkv" }));
        var (opened, bytes) = (bed.Below.Opened, bed.Below.BytesRead);
        await using var reader = await bed.Tree.OpenAsync(
            ArchiveBed.Path(folder + "/film.mkv"),
            new ReadIntent(350_000, 1000, "test"),
            cancellationToken
        );
        var part = new byte[1000];
        Assert.That(await reader!.ReadAsync(part, 350_000, cancellationToken), Is.EqualTo(1000));

        Assert.That(part, Is.EqualTo(Film[350_000..351_000]));
        Assert.That((bed.Below.Opened - opened, bed.Below.BytesRead - bytes), Is.EqualTo((1, 1000L)));
        Assert.That(await bed.ReadAsync(folder + "/film.mkv", cancellationToken), Is.EqualTo(Film));
    }

    [TestCase("film.part01.rar!", 3)]
    [TestCase("film.zip!", 2)]
    public async Task What_the_list_is_read_from_is_asked_for_at_once(string folder, int places, CancellationToken cancellationToken)
    {
        var gate = new TaskCompletionSource();
        await using var bed = new ArchiveBed();
        bed.Add("/film.zip", Zips.Make(new Dictionary<string, byte[]> { ["film.mkv"] = Film }));
        foreach (var volume in RarWriter.Write("film", new RarOptions { VolumeLength = 100_000 }, new RarItem("film.mkv", Film)))
        {
            bed.Add("/" + volume.Name, volume.ToArray());
        }

        bed.Below.Gate = gate.Task; // no read is answered
        await bed.Tree.ListAsync(ArchiveBed.Path("/" + folder), cancellationToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (bed.Below.Opened < places)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        gate.SetResult();
        Assert.That(await bed.NamesAsync("/" + folder, cancellationToken), Is.EqualTo(new[] { "film.mkv" }));
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
