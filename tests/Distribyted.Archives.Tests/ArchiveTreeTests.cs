using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Archives.Tests;

[CancelAfter(60_000)]
internal sealed class ArchiveTreeTests
{
    private static readonly byte[] Film = TestBytes(200_000);

    [Test]
    public async Task A_listing_shows_a_folder_beside_each_archive_and_reads_nothing_of_it(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        bed.Add("/films/a.zip", Zips.Make(One("film.mkv")));
        bed.Add("/films/B.ZIP", [1, 2, 3]);
        bed.Add("/films/a.zip extra", [1]);
        bed.Memory.AddFolder("/films/folder.zip");

        var names = await bed.NamesAsync("/films", cancellationToken);

        Assert.That(names, Is.EqualTo(new[] { "B.ZIP", "B.ZIP!", "a.zip", "a.zip extra", "a.zip!", "folder.zip" }));
        Assert.That(bed.Below.Opened, Is.Zero);
    }

    [Test]
    public async Task A_folder_that_has_the_name_already_stays_what_it_is(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        bed.Add("/a.zip", Zips.Make(One("film.mkv")));
        bed.Add("/a.zip!/other.txt", [1]);

        Assert.That(await bed.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "a.zip", "a.zip!" }));
        Assert.That(await bed.NamesAsync("/a.zip!", cancellationToken), Is.EqualTo(new[] { "other.txt" }));
    }

    [Test]
    public async Task In_place_of_the_file_there_is_the_folder(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed(new ArchiveOptions { Mode = ArchiveMode.Replace });
        bed.Add("/films/a.zip", Zips.Make(One("film.mkv")));
        bed.Add("/films/b.txt", [1]);

        var listing = await bed.ListAsync("/films", cancellationToken);

        Assert.That((listing[0].Name, listing[0].IsDirectory, listing.Count), Is.EqualTo(("a.zip", true, 2)));
        Assert.That(await bed.Tree.FindAsync(ArchiveBed.Path("/films/a.zip"), cancellationToken), Is.EqualTo(listing[0]));
        Assert.That(await bed.ReadAsync("/films/a.zip/film.mkv", cancellationToken), Is.EqualTo(Film));
    }

    [Test]
    public async Task A_folder_can_have_its_own_mode(CancellationToken cancellationToken)
    {
        var options = new ArchiveOptions
        {
            Mode = ArchiveMode.Off,
            Folders = new Dictionary<VirtualPath, ArchiveMode> { [ArchiveBed.Path("/a/b")] = ArchiveMode.Beside },
        };
        await using var bed = new ArchiveBed(options);
        bed.Add("/a/x.zip", Zips.Make(One("film.mkv")));
        bed.Add("/a/b/c/x.zip", Zips.Make(One("film.mkv")));

        Assert.That(await bed.NamesAsync("/a", cancellationToken), Is.EqualTo(new[] { "b", "x.zip" }));
        Assert.That(await bed.NamesAsync("/a/b/c", cancellationToken), Is.EqualTo(new[] { "x.zip", "x.zip!" }));
        Assert.That(await bed.Tree.ListAsync(ArchiveBed.Path("/a/x.zip!"), cancellationToken), Is.Null);
    }

    [Test]
    public async Task While_its_list_is_fetched_a_folder_is_empty_and_says_so_and_an_open_waits(CancellationToken cancellationToken)
    {
        var gate = new TaskCompletionSource();
        await using var bed = new ArchiveBed();
        bed.Add("/a.zip", Zips.Make(One("film.mkv")));
        bed.Below.Gate = gate.Task;

        var listing = await bed.Tree.ListAsync(ArchiveBed.Path("/a.zip!"), cancellationToken);
        var reading = bed.ReadAsync("/a.zip!/film.mkv", cancellationToken);

        Assert.That(
            (listing!.Count, listing.Note),
            Is.EqualTo((0, "The list of what is in this archive is pending: it is being fetched."))
        );
        Assert.That(await bed.Tree.FindAsync(ArchiveBed.Path("/a.zip!/film.mkv"), cancellationToken), Is.Null);
        Assert.That(reading.IsCompleted, Is.False);
        gate.SetResult();
        Assert.That(await reading, Is.EqualTo(Film));
        Assert.That(await bed.NamesAsync("/a.zip!", cancellationToken), Is.EqualTo(new[] { "film.mkv" }));
    }

    [Test]
    public async Task What_is_no_archive_says_so_and_is_not_read_again(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        bed.Add("/a.zip", new byte[1000]);

        var note = (await bed.ListAsync("/a.zip!", cancellationToken)).Note;
        var opened = bed.Below.Opened;
        await bed.ListAsync("/a.zip!", cancellationToken);

        Assert.That(note, Does.StartWith("What is in this archive cannot be shown: It does not begin like an archive"));
        Assert.That(bed.Below.Opened, Is.EqualTo(opened));
        var failure = await Assert.ThrowsAsync<FileSystemException>(() => bed.ReadAsync("/a.zip!/x", cancellationToken));
        Assert.That(failure!.Failure, Is.EqualTo(FileSystemFailure.Corrupt));
    }

    [Test]
    public async Task Nothing_in_an_archive_can_be_written_and_the_archive_can(CancellationToken cancellationToken)
    {
        var memory = new MemoryFs();
        memory.AddFile("/a.zip", Zips.Make(One("film.mkv")));
        await using var archives = new ArchiveTree(new ArchiveOptions(), TimeProvider.System, NullLogger<ArchiveTree>.Instance);
        var tree = archives.Over(memory);
        var (inside, folder, archive) = (ArchiveBed.Path("/a.zip!/x"), ArchiveBed.Path("/a.zip!"), ArchiveBed.Path("/a.zip"));

        WriteResult[] refused =
        [
            await tree.MayPutAsync(inside, 1, cancellationToken),
            await tree.PutAsync(inside, new MemoryStream([1]), cancellationToken),
            await tree.PutAsync(folder, new MemoryStream([1]), cancellationToken),
            await tree.MakeDirectoryAsync(inside, cancellationToken),
            await tree.DeleteAsync(inside, cancellationToken),
            await tree.DeleteAsync(folder, cancellationToken),
            await tree.MoveAsync(inside, ArchiveBed.Path("/x"), overwrite: true, cancellationToken),
            await tree.MoveAsync(archive, inside, overwrite: true, cancellationToken),
            await tree.CopyAsync(archive, inside, overwrite: true, members: true, cancellationToken),
            await tree.SetPropertiesAsync(inside, [], cancellationToken),
        ];

        Assert.That(refused.Select(r => r.Outcome), Is.All.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await tree.MoveAsync(archive, ArchiveBed.Path("/b.zip"), overwrite: false, cancellationToken)).Succeeded);
        Assert.That((await tree.DeleteAsync(ArchiveBed.Path("/b.zip"), cancellationToken)).Succeeded);
        Assert.That(await tree.FindAsync(ArchiveBed.Path("/b.zip!"), cancellationToken), Is.Null);
    }

    private static Dictionary<string, byte[]> One(string name)
    {
        return new Dictionary<string, byte[]>(StringComparer.Ordinal) { [name] = Film };
    }

    private static byte[] TestBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
