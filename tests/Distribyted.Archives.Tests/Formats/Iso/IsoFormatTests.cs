using System.Globalization;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Iso;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Formats.Iso;

/// <summary>Disc images that other programs make here.</summary>
public sealed class IsoFormatTests
{
    private const string Deep = "1/2/3/4/5/6/7/8/9/10/11";
    private static readonly DateTimeOffset Time = new(2022, 3, 4, 5, 6, 8, TimeSpan.Zero);

    private static readonly (string Path, byte[] Content)[] Files =
    [
        ("A.TXT", Noise(10)),
        ("empty.txt", []),
        ("folder/файл with a long name.nfo", Noise(5000)),
        ("folder/film.mkv", Noise(100_000)),
        .. Enumerable.Range(0, 100).Select(static n => ($"many/file number {n}.txt", Noise(n))),
    ];

    [TestCase("xorriso", "-as mkisofs -R -J -o out.iso in", true)]
    [TestCase("xorriso", "-as mkisofs -R -o out.iso in", true)]
    [TestCase("xorriso", "-as mkisofs -J -joliet-long -o out.iso in", true)]
    [TestCase("genisoimage", "-input-charset utf-8 -R -o out.iso in", true)]
    [TestCase("genisoimage", "-input-charset utf-8 -J -joliet-long -o out.iso in", true)]
    [TestCase("genisoimage", "-input-charset utf-8 -J -R -udf -allow-limited-size -o out.iso in", true)]
    [CancelAfter(60_000)]
    public async Task Names_sizes_and_bytes_are_those_that_were_packed(
        string program,
        string arguments,
        bool hasNames,
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        Write(folder);

        var source = await MakeAsync(folder, program, arguments, cancellationToken);
        var index = await ReadAsync(source);

        var files = index.Entries.Where(static e => !e.IsFolder).OrderBy(static e => e.Path, StringComparer.Ordinal).ToArray();
        var expected = Files.OrderBy(static f => f.Path, StringComparer.Ordinal).ToArray();
        Assert.That(files.Select(static e => e.Path), Is.EqualTo(expected.Select(static f => f.Path)));
        Assert.That(files.Select(static e => e.Length), Is.EqualTo(expected.Select(static f => (long)f.Content.Length)));
        Assert.That(files.Select(static e => e.Modified), Is.All.EqualTo(Time));
        Assert.That(index.Entries.Where(static e => e.IsFolder).Select(static e => e.Path), Is.EquivalentTo(new[] { "folder", "many" }));
        foreach (var (file, original) in files.Zip(expected))
        {
            Assert.That(source.ContentOf(file), Is.EqualTo(original.Content), file.Path);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Names_of_plain_ISO_9660_have_no_versions(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Write("in/A.TXT", Noise(10));
        folder.Write("in/README", Noise(20));
        folder.Write("in/SUB/B.TXT", Noise(30));

        var source = await MakeAsync(folder, "genisoimage", "-o out.iso in", cancellationToken);
        var index = await ReadAsync(source);

        Assert.That(index.Entries.Select(static e => e.Path), Is.EqualTo(new[] { "A.TXT", "README", "SUB", "SUB/B.TXT" }));
        Assert.That(source.ContentOf(index.Entries[3]), Is.EqualTo(Noise(30)));
    }

    [TestCase("xorriso", "-as mkisofs -R -o out.iso in")]
    [TestCase("genisoimage", "-R -o out.iso in")]
    [CancelAfter(60_000)]
    public async Task Deep_folders_are_where_they_were_and_links_are_left_out(
        string program,
        string arguments,
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        folder.Write($"in/{Deep}/deep.txt", Noise(77));
        File.CreateSymbolicLink(folder.At("in", "link"), "/etc/passwd");
        // A name that does not fit into one record.
        folder.Write($"in/{new string('n', 250)}", Noise(5));

        var source = await MakeAsync(folder, program, arguments, cancellationToken);
        var index = await ReadAsync(source);

        var files = index.Entries.Where(static e => !e.IsFolder).Select(static e => e.Path);
        Assert.That(files, Is.EquivalentTo(new[] { $"{Deep}/deep.txt", new string('n', 250) }));
        Assert.That(
            source.ContentOf(index.Entries.Single(static e => e.Path.EndsWith("deep.txt", StringComparison.Ordinal))),
            Is.EqualTo(Noise(77))
        );
    }

    [TestCase("xorriso", "-as mkisofs -iso-level 3 -R -o out.iso in")]
    [TestCase("genisoimage", "-iso-level 3 -allow-limited-size -udf -R -o out.iso in")]
    [CancelAfter(300_000)]
    public async Task A_file_of_more_than_4_GiB_is_one_range_after_the_other(
        string program,
        string arguments,
        CancellationToken cancellationToken
    )
    {
        if (Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_LONG") is null)
        {
            Assert.Ignore("writes 5 GiB; tests/run --long runs it.");
        }

        const long Length = (5L << 30) + 5;
        using var folder = new TempFolder();
        var path = folder.Write("in/large.bin", []);
        await using (var file = File.OpenWrite(path))
        {
            file.SetLength(Length);
        }

        await ArchivePrograms.RunAsync(program, arguments.Split(' '), cancellationToken, folder.Path);
        await using var image = File.OpenRead(folder.At("out.iso"));
        var source = new FileSource(image);
        var entry = (await ReadAsync(source)).Entries.Single();

        TestContext.Out.WriteLine(string.Join(' ', entry.Ranges));
        Assert.That(entry.Length, Is.EqualTo(Length));
        Assert.That(entry.Ranges.Sum(static range => range.Length), Is.EqualTo(Length));
        TestContext.Out.WriteLine($"{source.Reads} reads, {source.BytesRead} bytes");
    }

    [TestCase("2.01", 2048)]
    [TestCase("2.01", 512)]
    [TestCase("2.01", 4096)]
    [TestCase("1.02", 2048)]
    [TestCase("1.50", 1024)]
    [CancelAfter(60_000)]
    public async Task An_empty_UDF_is_an_empty_folder(string revision, int blockLength, CancellationToken cancellationToken)
    {
        ArchivePrograms.Need("mkudffs");
        using var folder = new TempFolder();
        var blocks = (8 * 1024 * 1024 / blockLength).ToString(CultureInfo.InvariantCulture);
        await ArchivePrograms.RunAsync(
            "/usr/sbin/mkudffs",
            ["--new-file", $"--blocksize={blockLength}", "--media-type=hd", $"--udfrev={revision}", folder.At("x.udf"), blocks],
            cancellationToken
        );

        var source = TestSource.Of(await File.ReadAllBytesAsync(folder.At("x.udf"), cancellationToken));
        Assert.That(new IsoFormat().Recognises(source.Head(new IsoFormat().HeadBytes)), Is.True);
        var index = await ReadAsync(source);

        Assert.That(index.Entries.Where(static e => e.Path != "lost+found"), Is.Empty);
    }

    [Test]
    public async Task Metadata_partitions_pieces_and_holes_of_UDF_are_read([Values] bool hasMetadata, [Values(512, 2048)] int blockLength)
    {
        var source = new TestSource(UdfWriter.Write(hasMetadata, blockLength));

        var index = await ReadAsync(source);

        var files = index.Entries.Where(static e => !e.IsFolder && e.Method == "stored").ToDictionary(static e => e.Path, source.ContentOf);
        Assert.That(files, Is.EquivalentTo(UdfWriter.Files));
        Assert.That(index.Entries.Single(static e => e.Method == "sparse").Path, Is.EqualTo("holes.bin"));
        // A folder that is its own child is listed and not entered again.
        Assert.That(index.Entries.Where(static e => e.IsFolder).Select(static e => e.Path), Is.EqualTo(new[] { "folder", "folder/loop" }));
        Assert.That(index.Entries[0].Modified, Is.EqualTo(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_folder_that_contains_itself_is_entered_once(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Write("in/LOOP/A.TXT", Noise(10));
        var bytes = (await MakeAsync(folder, "genisoimage", "-o out.iso in", cancellationToken)).Head(int.MaxValue);
        var root = bytes.AsSpan((16 * 2048) + 156 + 2, 4).ToArray();
        var records = bytes.AsSpan(BitConverter.ToInt32(root) * 2048, 2048);
        root.CopyTo(records[(records.IndexOf("LOOP"u8) - 33 + 2)..]);

        var index = await ReadAsync(TestSource.Of(bytes));

        Assert.That(index.Entries.Select(static e => e.Path), Is.EqualTo(new[] { "LOOP" }));
    }

    [Test]
    public async Task A_UDF_that_ends_early_is_refused([Values(0, 1, 15, 16, 17, 20, 30, 100, 511, 512, 1100, 4000)] int behindAnchor)
    {
        var bytes = UdfWriter.Write(hasMetadata: true).ToArray();

        var refusal = await Assert.ThrowsAsync<ArchiveException>(async () =>
            await ReadAsync(TestSource.Of(bytes[..((256 * 512) + behindAnchor)]))
        );

        Assert.That(refusal!.Failure, Is.EqualTo(ArchiveFailure.Damaged));
    }

    [Test]
    public async Task Limits_hold()
    {
        using var folder = new TempFolder();
        Write(folder);
        var source = await MakeAsync(folder, "genisoimage", "-R -o out.iso in", CancellationToken.None);

        var few = await new IsoFormat().ReadIndexAsync(source, new ArchiveLimits(7, 1 << 20, []), CancellationToken.None);
        Assert.That(few.Entries, Has.Length.EqualTo(7));
        Assert.That(few.IsTruncated, Is.True);

        var refusal = await Assert.ThrowsAsync<ArchiveException>(async () =>
            await new IsoFormat().ReadIndexAsync(source, new ArchiveLimits(1000, 8192, []), CancellationToken.None)
        );
        Assert.That(refusal!.Failure, Is.EqualTo(ArchiveFailure.TooLarge));
    }

    private static void Write(TempFolder folder)
    {
        foreach (var (path, content) in Files)
        {
            File.SetLastWriteTimeUtc(folder.Write($"in/{path}", content), Time.UtcDateTime);
        }
    }

    private static async Task<TestSource> MakeAsync(
        TempFolder folder,
        string program,
        string arguments,
        CancellationToken cancellationToken
    )
    {
        await ArchivePrograms.RunAsync(program, arguments.Split(' '), cancellationToken, folder.Path);
        return TestSource.Of(await File.ReadAllBytesAsync(folder.At("out.iso"), cancellationToken));
    }

    private static async Task<ArchiveIndex> ReadAsync(IArchiveSource source)
    {
        return await new IsoFormat().ReadIndexAsync(source, new ArchiveLimits(10_000, 4 << 20, []), CancellationToken.None);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
