using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Tar;
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
        foreach (var look in (Func<string, Task>[])[FindAsync, ListAsync])
        {
            var failure = await Assert.ThrowsAsync<FileSystemException>(() => look("/a.zip!/film.mkv"));
            Assert.That(
                failure!.Failure,
                Is.EqualTo(FileSystemFailure.Unavailable),
                "not that it is not there: players forget what is missing"
            );
        }

        Assert.That(reading.IsCompleted, Is.False);
        gate.SetResult();
        Assert.That(await reading, Is.EqualTo(Film));
        Assert.That(await bed.NamesAsync("/a.zip!", cancellationToken), Is.EqualTo(new[] { "film.mkv" }));

        async Task FindAsync(string path)
        {
            await bed.Tree.FindAsync(ArchiveBed.Path(path), cancellationToken);
        }

        async Task ListAsync(string path)
        {
            await bed.Tree.ListAsync(ArchiveBed.Path(path), cancellationToken);
        }
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

    [TestCase(1, false)]
    [TestCase(2, true)]
    public async Task Archives_in_archives_are_folders_to_a_depth(int depth, bool isFolder, CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed(new ArchiveOptions { Depth = depth });
        var inner = Zips.Make(One("film.mkv"));
        var middle = Zips.Make(new Dictionary<string, byte[]> { ["b.zip"] = inner, ["c/d.ZIP"] = inner });
        bed.Add("/a.zip", Zips.Make(new Dictionary<string, byte[]> { ["m.zip"] = middle, ["x.zip"] = inner }));

        var names = await bed.NamesAsync("/a.zip!", cancellationToken);

        Assert.That(names, Is.EqualTo(isFolder ? new[] { "m.zip", "m.zip!", "x.zip", "x.zip!" } : ["m.zip", "x.zip"]));
        if (isFolder)
        {
            Assert.That(await bed.ReadAsync("/a.zip!/x.zip!/film.mkv", cancellationToken), Is.EqualTo(Film));
            await bed.ListAsync("/a.zip!/m.zip!", cancellationToken);
            Assert.That(
                await bed.NamesAsync("/a.zip!/m.zip!/c", cancellationToken),
                Is.EqualTo(new[] { "d.ZIP" }),
                "deeper ones stay files"
            );
        }
    }

    [Test]
    public async Task Hostile_paths_are_names_in_the_archives_folder_and_no_two_are_the_same(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        string[] names =
        [
            "../../etc/passwd",
            "/abs/x",
            "a//b/./c",
            "Read.me",
            "READ.ME",
            "dir",
            "dir/file",
            "x\u0001y",
            "e\u0301",
            "\u00e9",
            "C:\\w.exe",
            "/",
        ];
        bed.Add("/a.tar", [.. names.SelectMany((name, i) => TarFormatTests.Block(name, '0', [(byte)i])), .. new byte[1024]]);

        var found = new List<string>();
        await WalkAsync(bed, "/a.tar!", found, cancellationToken);

        string[] plain = ["__/__/etc/passwd", "abs/x", "a/b/c", "Read.me", "dir/file", "x_y", "e\u0301", "C:\\w.exe"];
        Assert.That(plain.Select(name => "/a.tar!/" + name), Is.SubsetOf(found));
        Assert.That(found, Has.Count.EqualTo(names.Length - 1));
        Assert.That(found.Select(name => NameIndex.Normalized(name).ToUpperInvariant()), Is.Unique);
    }

    [Test]
    public async Task More_entries_than_the_limit_are_left_out_and_said_so(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed(new ArchiveOptions { MaxEntries = 10 });
        bed.Add("/a.zip", Zips.Make(Enumerable.Range(0, 11).ToDictionary(i => $"{i:00}", _ => new byte[] { 1 })));

        var listing = await bed.ListAsync("/a.zip!", cancellationToken);

        Assert.That((listing.Count, listing.Note), Is.EqualTo((10, "The archive has more than 10 entries; the others are not shown.")));
    }

    [Test]
    public async Task A_failure_of_the_swarm_is_tried_again_after_a_while(CancellationToken cancellationToken)
    {
        var clock = new SettableClock();
        await using var bed = new ArchiveBed(time: clock);
        bed.Add("/a.zip", Zips.Make(One("film.mkv")));
        bed.Below.Failure = new FileSystemException(FileSystemFailure.Unavailable, "No peer has it.");

        Assert.That((await bed.ListAsync("/a.zip!", cancellationToken)).Note, Does.Contain("No peer has it."));
        bed.Below.Failure = null;
        Assert.That((await bed.ListAsync("/a.zip!", cancellationToken)).Note, Does.Contain("No peer has it."));
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.That(await bed.NamesAsync("/a.zip!", cancellationToken), Is.EqualTo(new[] { "film.mkv" }));
    }

    [Test]
    public async Task A_kept_list_is_read_instead_of_the_archive_and_a_torn_one_is_not(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var options = new ArchiveOptions { IndexFolder = folder.At("archives") };
        var memory = new MemoryFs();
        memory.AddFile("/a.zip", Zips.Make(One("film.mkv")));
        await ListAsync(memory, options, cancellationToken);
        var file = Directory.GetFiles(options.IndexFolder).Single();

        Assert.That(await ListAsync(memory, options, cancellationToken), Is.Zero);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        Assert.That(await ListAsync(memory, options, cancellationToken), Is.Positive);
        Assert.That(await ListAsync(memory, options, cancellationToken), Is.Zero);
    }

    // How many files are opened until the list is there.
    private static async Task<int> ListAsync(MemoryFs memory, ArchiveOptions options, CancellationToken cancellationToken)
    {
        var below = new CountingFs(memory);
        await using var archives = new ArchiveTree(options, null, TimeProvider.System, NullLogger<ArchiveTree>.Instance);
        var found = await archives.Over((IFileSystem)below).LocateAsync(ArchiveBed.Path("/a.zip!/film.mkv"), cancellationToken);
        Assert.That(found!.Entry.Length, Is.EqualTo(Film.Length));
        return below.Opened;
    }

    private static async Task WalkAsync(ArchiveBed bed, string folder, List<string> found, CancellationToken cancellationToken)
    {
        var listing = await bed.ListAsync(folder, cancellationToken);
        for (var i = 0; i < listing.Count; i++)
        {
            var path = $"{folder}/{listing[i].Name}";
            if (listing[i].IsDirectory)
            {
                await WalkAsync(bed, path, found, cancellationToken);
            }
            else
            {
                found.Add(path);
            }
        }
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
