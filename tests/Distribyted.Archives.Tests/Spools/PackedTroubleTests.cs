using System.Buffers.Binary;
using System.IO.Compression;
using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>Archives that lie or are damaged, disks without space, readers that go, swarms that fail.</summary>
[CancelAfter(120_000)]
internal sealed class PackedTroubleTests
{
    private const int ChunkLength = 64 * 1024;
    private const string Film = "/set.zip!/film.mkv";

    [TestCase(16, TestName = "A wrong checksum")]
    [TestCase(24, TestName = "A wrong length")]
    public async Task What_the_header_says_wrongly_ends_the_read_before_the_last_bytes(int field, CancellationToken cancellationToken)
    {
        var content = PackedFiles.Make(1_000_000)["film.mkv"];
        var zip = Zips.Make(One(content), CompressionLevel.Optimal);
        var central = zip.AsSpan().LastIndexOf("PK\x01\x02"u8) + field;
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central), BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(central)) + 1);
        await using var bed = new ArchiveBed();
        bed.Add("/set.zip", zip);
        await using var reader = await OpenAsync(bed, Film, 0, cancellationToken);

        var served = new List<byte>();
        var buffer = new byte[10_000];
        var failure = await Assert.ThrowsAsync<FileSystemException>(async () =>
        {
            while (await reader.ReadAsync(buffer, served.Count, cancellationToken) is var read and > 0)
            {
                served.AddRange(buffer.AsSpan(0, read));
            }
        });

        Assert.That(failure!.Failure, Is.EqualTo(FileSystemFailure.Corrupt));
        Assert.That(failure, Has.Message.Contains("film.mkv"));
        var isChecksum = field == 16; // where one byte too many is said, all that there are may be served
        Assert.That(served, Has.Count.InRange(content.Length - ChunkLength, content.Length - (isChecksum ? 1 : 0)));
        Assert.That(content.AsSpan().StartsWith(served.ToArray()), Is.True);
    }

    [Test]
    public async Task A_bomb_is_refused(CancellationToken cancellationToken)
    {
        var files = One(new byte[20_000_000]);
        await using var bed = new ArchiveBed(new ArchiveOptions { MaxRatio = 100 });
        bed.Add("/set.zip", Zips.Make(files, CompressionLevel.Optimal));
        bed.Add("/set.tar.gz", PackedArchives.Make("tar.gz", files));

        Assert.That(() => OpenAsync(bed, Film, 0, cancellationToken), Fails("archives.max_ratio"));
        Assert.That((await bed.ListAsync("/set.tar.gz!", cancellationToken)).Note, Does.Contain("archives.max_ratio"));
    }

    [Test]
    public async Task A_torn_tar_is_refused(
        [Values("tar.gz", "tar.bz2", "tar.xz", "tar.zst", "tar.lz")] string kind,
        CancellationToken cancellationToken
    )
    {
        var archive = PackedArchives.Make(kind, PackedFiles.Make(500_000));
        await using var bed = new ArchiveBed();
        bed.Add("/set." + kind, archive[..(archive.Length / 2)]);

        Assert.That((await bed.ListAsync($"/set.{kind}!", cancellationToken)).Note, Does.Contain("cannot be shown"));
    }

    [TestCase("zip AES")]
    [TestCase("zip ZipCrypto")]
    [TestCase("7z AES")]
    public async Task Without_a_password_that_fits_reading_names_the_key(string kind, CancellationToken cancellationToken)
    {
        foreach (
            var passwords in (string[][])
                [
                    [],
                    ["wrong"],
                    ["wrong", "Wrong"],
                ]
        )
        {
            await using var bed = new ArchiveBed(new ArchiveOptions { Passwords = passwords });
            bed.Add("/" + PackedArchives.NameOf(kind), PackedArchives.Make(kind, PackedFiles.Make(100_000)));
            Assert.That(await bed.NamesAsync(PackedArchives.FolderOf(kind), cancellationToken), Has.Member("film.mkv"));

            Assert.That(
                () => OpenAsync(bed, PackedArchives.FolderOf(kind) + "/film.mkv", 0, cancellationToken),
                Fails("archives.passwords")
            );
        }
    }

    [Test]
    public async Task Spools_keep_to_their_space_and_what_went_is_decompressed_again(CancellationToken cancellationToken)
    {
        var content = PackedFiles.Make(30_000_000)["film.mkv"];
        var budget = new LimitedBudget(12 << 20);
        await using var bed = new ArchiveBed(budget: budget);
        bed.Add("/set.zip", Zips.Make(One(content), CompressionLevel.Fastest));

        for (var pass = 0; pass < 2; pass++)
        {
            Assert.That(await bed.ReadAsync(Film, cancellationToken), Is.EqualTo(content));
            Assert.That(new DirectoryInfo(bed.SpoolFolder).GetFiles().Sum(static file => file.Length), Is.LessThanOrEqualTo(12 << 20));
        }

        Assert.That(budget.Most, Is.GreaterThan(4 << 20));
    }

    [Test]
    public async Task Without_any_space_a_read_says_so(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed(budget: new LimitedBudget(1000));
        bed.Add("/set.zip", Zips.Make(One(new byte[100_000]), CompressionLevel.Optimal));

        Assert.That(
            () => OpenAsync(bed, Film, 0, cancellationToken),
            Throws.TypeOf<FileSystemException>().With.Property("Failure").EqualTo(FileSystemFailure.NoSpace)
        );
    }

    [Test]
    public async Task Little_is_decompressed_beyond_what_is_read(CancellationToken cancellationToken)
    {
        var content = PackedFiles.Make(30_000_000)["film.mkv"];
        var bed = new ArchiveBed();
        bed.Add("/set.zip", Zips.Make(One(content), CompressionLevel.Fastest));
        var length = bed.Memory.Bytes("/set.zip")!.Length;
        await using (var reader = await OpenAsync(bed, Film, 0, cancellationToken))
        {
            Assert.That(await reader.ReadAsync(new byte[100], 0, cancellationToken), Is.EqualTo(100));
        }

        await bed.DisposeAsync(); // ends when all decompression has

        Assert.That(bed.Below.BytesRead, Is.LessThan(length / 4));
    }

    [Test]
    public async Task A_reader_that_goes_while_the_swarm_is_slow_leaves_nothing_behind(CancellationToken cancellationToken)
    {
        var files = PackedFiles.Make(500_000);
        var gate = new TaskCompletionSource();
        await using var bed = new ArchiveBed();
        bed.Add("/set.7z", PackedArchives.Make("7z LZMA2", files));
        await bed.ListAsync("/set.7z!", cancellationToken);
        bed.Below.Gate = gate.Task;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var open = OpenAsync(bed, "/set.7z!/film.mkv", 0, leaving.Token);

        await leaving.CancelAsync();

        Assert.That(async () => await open, Throws.InstanceOf<OperationCanceledException>());
        var ended = bed.DisposeAsync(); // although a thread waits for bytes that do not come; it also says that there are no files and threads
        await ended.AsTask().WaitAsync(cancellationToken);
        gate.SetResult();
    }

    [Test]
    public async Task A_failure_of_the_swarm_is_said_and_the_next_read_begins_again(CancellationToken cancellationToken)
    {
        var files = PackedFiles.Make(2_000_000);
        await using var bed = new ArchiveBed();
        bed.Add("/set.7z", PackedArchives.Make("7z LZMA2", files));
        await bed.ListAsync("/set.7z!", cancellationToken);
        bed.Below.Failure = new FileSystemException(FileSystemFailure.Unavailable, "No peer has it.");

        Assert.That(() => OpenAsync(bed, "/set.7z!/film.mkv", 0, cancellationToken), Fails("No peer has it."));

        bed.Below.Failure = null;
        Assert.That(await bed.ReadAsync("/set.7z!/film.mkv", cancellationToken), Is.EqualTo(files["film.mkv"]));
    }

    [Test]
    public async Task Packed_archives_in_packed_archives_are_read_by_many(CancellationToken cancellationToken)
    {
        var files = PackedFiles.Make(1_000_000);
        var inner = PackedArchives.Make("7z LZMA2", files);
        await using var bed = new ArchiveBed();
        bed.Add("/outer.zip", Zips.Make(new Dictionary<string, byte[]> { ["set.7z"] = inner }, CompressionLevel.Optimal));

        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(seed => PackedReadTests.ReadAtRandomAsync(bed, "/outer.zip!/set.7z!", files, seed, cancellationToken))
        );
    }

    private static async Task<FileReader> OpenAsync(ArchiveBed bed, string path, long offset, CancellationToken cancellationToken)
    {
        return (await bed.Tree.OpenAsync(ArchiveBed.Path(path), new ReadIntent(offset, null, "test"), cancellationToken))!;
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Fails(string why)
    {
        return Throws.TypeOf<FileSystemException>().With.Message.Contains(why);
    }

    private static Dictionary<string, byte[]> One(byte[] content)
    {
        return new(StringComparer.Ordinal) { ["film.mkv"] = content };
    }
}
