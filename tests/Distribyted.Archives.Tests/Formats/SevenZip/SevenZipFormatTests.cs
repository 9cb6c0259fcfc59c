using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Volumes;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Formats.SevenZip;

/// <summary>Archives that 7-Zip makes here, and some that others made.</summary>
public sealed class SevenZipFormatTests
{
    private static readonly DateTime Time = new(2022, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    private static readonly (string Path, byte[] Content)[] Files =
    [
        ("a/empty.txt", []),
        ("a/film.mkv", Noise(100_000)),
        ("a/файл.nfo", Noise(300)),
        ("b.txt", [.. Enumerable.Repeat((byte)'b', 5000)]),
    ];

    [TestCase("-mx0")]
    [TestCase("-mx0 -mhc=off")]
    [TestCase("-mx0 -v30000b")]
    [TestCase("-mx0 -psecret -mhe=off")]
    [TestCase("-m0=lzma2")]
    [TestCase("-m0=lzma -ms=off")]
    [TestCase("-m0=lzma -psecret -mhe=on")]
    [TestCase("-m0=bzip2")]
    [TestCase("-m0=ppmd")]
    [TestCase("-m0=deflate")]
    [TestCase("-m0=bcj2 -m1=lzma")]
    [CancelAfter(60_000)]
    public async Task What_7zip_packs_is_listed(string options, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var source = await MakeAsync(folder, options, cancellationToken);

        var index = await ReadAsync(source);

        var files = index.Entries.Where(static e => !e.IsFolder).OrderBy(static e => e.Path, StringComparer.Ordinal).ToArray();
        Assert.That(index.Entries.Single(static e => e.IsFolder).Path, Is.EqualTo("a"));
        Assert.That(files.Select(static e => e.Path), Is.EqualTo(Files.Select(static f => f.Path)));
        Assert.That(files.Select(static e => e.Length), Is.EqualTo(Files.Select(static f => (long)f.Content.Length)));
        Assert.That(files.Select(static e => e.Modified), Is.All.EqualTo(new DateTimeOffset(Time)));
        Assert.That(files.Skip(1).Select(static e => e.Crc32), Is.EqualTo(Files.Skip(1).Select(static f => Crc32.Of(f.Content))));
        var isEncrypted = options.Contains("-psecret", StringComparison.Ordinal);
        Assert.That(files.Skip(1).Select(static e => e.IsEncrypted), Is.All.EqualTo(isEncrypted));
        var isStored = options.Contains("-mx0", StringComparison.Ordinal);
        Assert.That(files.Skip(1).Select(static e => e.Method == "stored"), Is.All.EqualTo(isStored));
        foreach (var (file, original) in files.Zip(Files))
        {
            Assert.That(source.ContentOf(file), Is.EqualTo(isStored && !isEncrypted ? original.Content : []), file.Path);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Encrypted_names_need_a_password_of_the_list(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var source = await MakeAsync(folder, "-psecret -mhe=on", cancellationToken);

        foreach (
            var passwords in (string[][])
                [
                    [],
                    ["wrong", "also wrong"],
                ]
        )
        {
            var refusal = await Assert.ThrowsAsync<ArchiveException>(async () => await ReadAsync(source, passwords: passwords));
            Assert.That(refusal!.Failure, Is.EqualTo(ArchiveFailure.PasswordNeeded));
        }
    }

    [TestCase("copy.7z", "file1", "stored", false)]
    [TestCase("copy_2.7z", "dir1/file1 file2 file3 file4", "stored", false)]
    [TestCase("ppmd.7z", "ppmd_test.txt", "ppmd", false)]
    [TestCase("bzip2.7z", "file1", "bzip2", false)]
    [TestCase("deflate.7z", "file1", "deflate", false)]
    [TestCase("encryption.7z", "bar.txt", "lzma", true)]
    [TestCase("bcj_copy.7z", "x86exe", "filter", false)]
    [TestCase("packinfo_digests.7z", "a.txt b.txt", "lzma2", false)]
    public async Task Samples_are_listed(string name, string paths, string method, bool isEncrypted)
    {
        var source = Samples.Source(name);

        var index = await ReadAsync(source);

        TestContext.Out.WriteLine(string.Join('\n', index.Entries));
        Assert.That(string.Join(' ', index.Entries.Where(static e => !e.IsFolder).Select(static e => e.Path)), Is.EqualTo(paths));
        var content = index.Entries.Where(static e => e.Length > 0).ToArray();
        Assert.That(content.Select(static e => e.Method), Is.All.EqualTo(method));
        Assert.That(content.Select(static e => e.IsEncrypted), Is.All.EqualTo(isEncrypted));
        foreach (var entry in content.Where(static e => !e.Ranges.IsEmpty))
        {
            Assert.That(Crc32.Of(source.ContentOf(entry)), Is.EqualTo(entry.Crc32), entry.Path);
        }
    }

    [Test]
    public async Task Links_are_left_out()
    {
        var index = await ReadAsync(Samples.Source("symbolic_name.7z"));

        TestContext.Out.WriteLine(string.Join('\n', index.Entries));
        Assert.That(index.Entries, Has.None.Property("Path").Contains("symlink"));
    }

    [Test]
    public async Task An_empty_archive_is_an_empty_folder()
    {
        Assert.That((await ReadAsync(Samples.Source("empty_archive.7z"))).Entries, Is.Empty);
    }

    [Test]
    public async Task Four_gigabytes_are_listed_with_three_reads()
    {
        // A hole in the place of the packed stream: only its position counts.
        const long Length = 4L << 30;
        var source = new TestSource(SevenZipWriter.Stored("film.mkv", Length));

        var index = await ReadAsync(source);

        TestContext.Out.WriteLine(
            $"{source.Reads} reads, {source.BytesRead} bytes, {source.BytesFetched} bytes of pieces of {source.PieceLength}"
        );
        Assert.That(index.Entries.Single().Ranges.Single(), Is.EqualTo(new StoredRange(0, 32, Length)));
        Assert.That(source.Reads, Is.LessThanOrEqualTo(3));
        Assert.That(source.BytesFetched, Is.LessThan(Length / 100));
    }

    [Test]
    public async Task More_entries_than_the_limit_are_left_out()
    {
        var index = await ReadAsync(Samples.Source("copy_2.7z"), maxEntries: 2);

        Assert.That(index.Entries, Has.Length.EqualTo(2));
        Assert.That(index.IsTruncated, Is.True);
    }

    private static async Task<TestSource> MakeAsync(TempFolder folder, string options, CancellationToken cancellationToken)
    {
        foreach (var (path, content) in Files)
        {
            File.SetLastWriteTimeUtc(folder.Write(path, content), Time);
        }

        await ArchivePrograms.RunAsync("7zz", ["a", .. options.Split(' '), "x.7z", "a", "b.txt"], cancellationToken, folder.Path);
        var volumes = Directory
            .GetFiles(folder.Path, "x.7z*")
            .Order(StringComparer.Ordinal)
            .Select(static path =>
            {
                var volume = new TestVolume(Path.GetFileName(path));
                volume.Add(File.ReadAllBytes(path));
                return volume;
            });
        return new TestSource([.. volumes]);
    }

    private static async Task<ArchiveIndex> ReadAsync(TestSource source, int maxEntries = 1000, string[]? passwords = null)
    {
        var format = source.Volumes > 1 ? (IArchiveFormat)new JoinedFormat(new SevenZipFormat()) : new SevenZipFormat();
        var limits = new ArchiveLimits(maxEntries, 1 << 20, passwords ?? ["wrong", "secret"]);
        return await format.ReadIndexAsync(source, limits, CancellationToken.None);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
