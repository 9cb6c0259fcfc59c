using Distribyted.FileSystem;
using NUnit.Framework;

namespace Distribyted.Testing;

/// <summary>What every <see cref="IFileSystem"/> keeps to. Derive from it in a test project and say how a file gets into the tree.</summary>
public abstract class FileSystemConformance
{
    /// <summary>The folder that the tests' tree hangs in, as text that ends without a slash: <c>/films</c>; empty for the root.</summary>
    protected virtual string Base => "";

    /// <summary>A tree with exactly these files below <see cref="Base"/>: path (no leading slash) and content.</summary>
    protected abstract Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken);

    private static readonly byte[] Film = Content(300_000);

    private static readonly Dictionary<string, byte[]> Files = new(StringComparer.Ordinal)
    {
        ["Film/film.mkv"] = Film,
        ["Film/extras/a.srt"] = Content(1000),
        ["Film/extras/empty.nfo"] = [],
        ["Film/\u00e9t\u00e9 #1%.txt"] = Content(10),
        ["single.mp4"] = Content(70_000),
        ["single.mp4.nfo"] = Content(3),
    };

    [Test, CancelAfter(60_000)]
    public async Task What_was_put_in_is_found_with_its_length(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        foreach (var (name, content) in Files)
        {
            var entry = await files.FindAsync(Path(name), cancellationToken);
            Assert.That(entry, Is.Not.Null, name);
            Assert.That((entry!.Name, entry.IsDirectory, entry.Length), Is.EqualTo((Path(name).Name, false, (long)content.Length)));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Nothing_else_is_found(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        foreach (
            var name in (string[])["nothing", "Film/nothing", "film", "Fil", "single.mp4/below", "Film/extras/a.srt/below/it", "single"]
        )
        {
            Assert.That(await files.FindAsync(Path(name), cancellationToken), Is.Null, name);
            Assert.That(await files.ListAsync(Path(name), cancellationToken), Is.Null, name);
            Assert.That(await files.OpenAsync(Path(name), new ReadIntent(0, null, "test"), cancellationToken), Is.Null, name);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_listing_is_in_ordinal_order_and_says_what_a_look_up_says(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        var open = new Queue<VirtualPath>([VirtualPath.Root]);
        var seen = new List<string>();
        while (open.TryDequeue(out var folder))
        {
            var listing = await files.ListAsync(folder, cancellationToken);
            Assert.That(listing, Is.Not.Null, folder.Value);
            for (var i = 0; i < listing!.Count; i++)
            {
                var entry = listing[i];
                var path = folder.Append(entry.Name);
                Assert.That(i == 0 || string.CompareOrdinal(listing[i - 1].Name, entry.Name) < 0, "order in " + folder);
                Assert.That(await files.FindAsync(path, cancellationToken), Is.EqualTo(entry), path.Value);
                seen.Add(path.Value);
                if (entry.IsDirectory)
                {
                    open.Enqueue(path);
                }
            }
        }

        Assert.That(Files.Keys.Select(name => Path(name).Value), Is.SubsetOf(seen));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_root_is_a_folder_without_a_name(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        var root = await files.FindAsync(VirtualPath.Root, cancellationToken);

        Assert.That(root, Is.Not.Null);
        Assert.That((root!.Name, root.IsDirectory, root.Length), Is.EqualTo(("", true, 0L)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_listing_ends_where_it_says(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        var listing = await files.ListAsync(Path("Film"), cancellationToken);

        Assert.That(() => listing![listing.Count], Throws.InstanceOf<Exception>());
        Assert.That(() => listing![-1], Throws.InstanceOf<Exception>());
    }

    [Test, CancelAfter(60_000)]
    public async Task A_folder_is_not_opened_and_a_file_is_not_listed(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        Assert.That(await files.OpenAsync(Path("Film"), new ReadIntent(0, null, "test"), cancellationToken), Is.Null);
        Assert.That(await files.OpenAsync(VirtualPath.Root, new ReadIntent(0, null, "test"), cancellationToken), Is.Null);
        Assert.That(await files.ListAsync(Path("single.mp4"), cancellationToken), Is.Null);
    }

    [Test, CancelAfter(60_000)]
    public async Task Names_are_found_in_both_compositions(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        var decomposed = await files.FindAsync(Path("Film/e\u0301te\u0301 #1%.txt"), cancellationToken);

        Assert.That(decomposed?.Name, Is.EqualTo("\u00e9t\u00e9 #1%.txt"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Every_file_reads_as_it_was_put_in(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        foreach (var (name, content) in Files)
        {
            await using var reader = await files.OpenAsync(Path(name), new ReadIntent(0, content.Length, "test"), cancellationToken);
            Assert.That(await ReadAsync(reader!, 0, content.Length + 10, cancellationToken), Is.EqualTo(content), name);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_is_located_is_what_is_found_and_opens_without_its_path(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        var intent = new ReadIntent(0, null, "test");

        foreach (var (name, content) in Files)
        {
            var found = await files.LocateAsync(Path(name), cancellationToken);
            Assert.That(found?.Entry, Is.EqualTo(await files.FindAsync(Path(name), cancellationToken)), name);
            await using var reader = await found!.OpenAsync(intent, cancellationToken);
            Assert.That(reader!.Entry, Is.EqualTo(found.Entry), name);
            Assert.That(await ReadAsync(reader, 0, content.Length + 10, cancellationToken), Is.EqualTo(content), name);
        }

        foreach (var folder in (VirtualPath[])[VirtualPath.Root, Path("Film"), Path("Film/extras")])
        {
            var found = await files.LocateAsync(folder, cancellationToken);
            Assert.That(found?.Entry, Is.EqualTo(await files.FindAsync(folder, cancellationToken)), folder.Value);
            Assert.That(await found!.OpenAsync(intent, cancellationToken), Is.Null, folder.Value);
        }

        Assert.That(await files.LocateAsync(Path("Film/nothing"), cancellationToken), Is.Null);
    }

    [TestCase(0, 1), TestCase(1, 65536), TestCase(65535, 2), TestCase(299_999, 1), TestCase(100_000, 200_000), CancelAfter(60_000)]
    public async Task Any_part_of_a_file_can_be_read(int offset, int count, CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var reader = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(offset, count, "test"), cancellationToken);

        var bytes = await ReadAsync(reader!, offset, count, cancellationToken);

        Assert.That(bytes.AsSpan().SequenceEqual(Film.AsSpan(offset, count)));
    }

    [TestCase(0, 1), TestCase(1, 65536), TestCase(299_999, 10), TestCase(100_000, 1_000_000), TestCase(300_000, 1), CancelAfter(60_000)]
    public async Task What_is_pinned_is_what_would_be_read(int offset, int most, CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var reader = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(offset, most, "test"), cancellationToken);
        await ReadAsync(reader!, offset, most, cancellationToken);

        using var pinned = reader!.Pin(offset, most);

        Assert.That(pinned.Length, Is.InRange(0, Math.Min(most, Film.Length - offset)));
        if (pinned.Length > 0)
        {
            var bytes = pinned.Memory.ToArray();
            if (pinned.File is { } file)
            {
                bytes = new byte[pinned.Length];
                Assert.That(RandomAccess.Read(file, bytes, pinned.Position), Is.EqualTo(pinned.Length));
            }

            Assert.That(bytes.AsSpan().SequenceEqual(Film.AsSpan(offset, pinned.Length)));
            reader.Sent(offset, pinned.Length);
        }
    }

    [TestCase(300_000), TestCase(300_001), TestCase(long.MaxValue), CancelAfter(60_000)]
    public async Task At_and_past_the_end_there_is_nothing(long offset, CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var reader = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(offset, null, "test"), cancellationToken);

        Assert.That(await reader!.ReadAsync(new byte[10], offset, cancellationToken), Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task An_empty_destination_reads_nothing(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var reader = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(0, null, "test"), cancellationToken);

        Assert.That(await reader!.ReadAsync(Memory<byte>.Empty, 5, cancellationToken), Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_reader_knows_its_file_and_can_be_disposed_twice(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        var reader = await files.OpenAsync(Path("single.mp4"), new ReadIntent(0, null, "test"), cancellationToken);

        Assert.That(reader!.Entry, Is.EqualTo(await files.FindAsync(Path("single.mp4"), cancellationToken)));
        await reader.DisposeAsync();
        await reader.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task Two_readers_of_one_file_do_not_disturb_each_other(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var first = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(0, null, "one"), cancellationToken);
        var second = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(200_000, null, "two"), cancellationToken);

        var far = await ReadAsync(second!, 200_000, 100, cancellationToken);
        await second!.DisposeAsync();
        var near = await ReadAsync(first!, 0, 100, cancellationToken);

        Assert.That(far, Is.EqualTo(Film[200_000..200_100]));
        Assert.That(near, Is.EqualTo(Film[..100]));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_cancelled_read_is_taken_back(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        await using var reader = await files.OpenAsync(Path("Film/film.mkv"), new ReadIntent(0, null, "test"), cancellationToken);

        try
        {
            await reader!.ReadAsync(new byte[10], 0, new CancellationToken(canceled: true)); // bytes at hand may be given all the same
        }
        catch (OperationCanceledException e)
        {
            TestContext.Out.WriteLine(e.Message);
        }

        Assert.That(await ReadAsync(reader!, 0, 10, cancellationToken), Is.EqualTo(Film[..10]));
    }

    [Test, CancelAfter(60_000)]
    public async Task Tags_are_strong_times_are_past_and_both_stay(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);
        var tags = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Files.Keys)
        {
            var once = await files.FindAsync(Path(name), cancellationToken);
            var again = await files.FindAsync(Path(name), cancellationToken);

            Assert.That(again, Is.EqualTo(once));
            Assert.That(once!.ETag, Does.Match("^[\\x21\\x23-\\x7e]+$"), "RFC 9110 section 8.8.3 without the quotes");
            Assert.That(tags.Add(once.ETag), "one tag, two contents");
            Assert.That(once.Modified, Is.LessThanOrEqualTo(TimeProvider.System.GetUtcNow().AddSeconds(5)));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Free_space_is_never_negative(CancellationToken cancellationToken)
    {
        var files = await CreateAsync(Files, cancellationToken);

        var space = await files.GetSpaceAsync(cancellationToken);

        Assert.That(space.Used, Is.GreaterThanOrEqualTo(0));
        Assert.That(space.Available, Is.GreaterThanOrEqualTo(0));
    }

    private VirtualPath Path(string name)
    {
        return VirtualPath.Parse(Base + "/" + name);
    }

    private static async Task<byte[]> ReadAsync(FileReader reader, long offset, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        var filled = 0;
        while (filled < count)
        {
            var read = await reader.ReadAsync(bytes.AsMemory(filled), offset + filled, cancellationToken);
            Assert.That(read, Is.InRange(0, count - filled));
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return bytes[..filled];
    }

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
