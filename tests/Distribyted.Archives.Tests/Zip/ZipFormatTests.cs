using System.IO.Compression;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Zip;

[CancelAfter(30_000)]
internal sealed class ZipFormatTests
{
    [Test]
    public async Task A_film_of_5_GiB_is_listed_with_three_small_reads(CancellationToken cancellationToken)
    {
        const long length = 5L << 30;
        var volume = new TestVolume("film.zip");
        volume.Add(StoredArchives.Local("film.mkv", extra: new byte[20]));
        volume.AddHole(length);
        StoredArchives.AddDirectory(volume, [("film.mkv", 0, length)]);
        var source = new TestSource(volume);

        var index = await new ZipFormat().ReadIndexAsync(source, MemorySource.Limits, cancellationToken);

        var entry = index.Entries.Single();
        Assert.That((entry.Path, entry.Length, entry.Method), Is.EqualTo(("film.mkv", length, "stored")));
        Assert.That((source.Reads, source.BytesFetched), Is.EqualTo((3, 2L * source.PieceLength)));
        Assert.That(source.BytesRead, Is.LessThan(70_000));
        Assert.That(
            await new ZipFormat().LocateAsync(source, entry, cancellationToken),
            Is.EqualTo(new[] { new StoredRange(0, 30 + 8 + 20, length) }),
            "the local header has an extra field that the list does not have"
        );
    }

    [Test]
    public async Task What_stands_before_and_after_the_archive_does_not_count(CancellationToken cancellationToken)
    {
        var zip = Zips.Make(new Dictionary<string, byte[]> { ["a.txt"] = [1, 2, 3] });
        byte[] wrapped = [.. new byte[1000], .. zip, .. "behind it"u8];
        var source = TestSource.Of(wrapped);

        var index = await new ZipFormat().ReadIndexAsync(source, MemorySource.Limits, cancellationToken);

        var range = (await new ZipFormat().LocateAsync(source, index.Entries.Single(), cancellationToken)).Single();
        Assert.That(wrapped.AsSpan((int)range.Offset, (int)range.Length).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Names_are_CP437_unless_they_are_valid_UTF_8(CancellationToken cancellationToken)
    {
        var volume = new TestVolume("a.zip");
        volume.Add(StoredArchives.Local("??", []));
        StoredArchives.AddDirectory(volume, [("\u0082x", 0, 0)]);
        var bytes = volume.ToArray();
        var at = bytes.AsSpan().IndexOf("PK\x01\x02"u8);
        bytes[at + 46] = 0x82; // é in CP437
        bytes[at + 47] = (byte)'x';

        var index = await new ZipFormat().ReadIndexAsync(TestSource.Of(bytes), MemorySource.Limits, cancellationToken);

        Assert.That(index.Entries.Single().Path, Does.StartWith("éx"));
    }

    [Test]
    public async Task Entries_that_share_bytes_are_refused()
    {
        var volume = new TestVolume("bomb.zip");
        volume.Add(StoredArchives.Local("a", []));
        volume.AddHole(1000);
        StoredArchives.AddDirectory(volume, [("a", 0, 1000), ("b", 100, 500)]);

        var failure = await Assert.ThrowsAsync<ArchiveException>(() =>
            new ZipFormat().ReadIndexAsync(new TestSource(volume), MemorySource.Limits, CancellationToken.None).AsTask()
        );

        Assert.That(failure, Has.Message.Contains("share the same bytes"));
    }

    [Test]
    public async Task An_entry_outside_of_the_archive_is_refused()
    {
        var volume = new TestVolume("a.zip");
        volume.Add(StoredArchives.Local("a", []));
        volume.AddHole(1000);
        StoredArchives.AddDirectory(volume, [("a", 0, 1_000_000)]);

        var failure = await Assert.ThrowsAsync<ArchiveException>(() =>
            new ZipFormat().ReadIndexAsync(new TestSource(volume), MemorySource.Limits, CancellationToken.None).AsTask()
        );

        Assert.That(failure, Has.Message.Contains("outside"));
    }

    [Test]
    public async Task Compressed_entries_are_listed_with_their_method(CancellationToken cancellationToken)
    {
        var zip = Zips.Make(new Dictionary<string, byte[]> { ["a.txt"] = new byte[10_000] }, CompressionLevel.Optimal);

        var entry = (await new ZipFormat().ReadIndexAsync(TestSource.Of(zip), MemorySource.Limits, cancellationToken)).Entries.Single();

        Assert.That((entry.Method, entry.Length, entry.IsPlain), Is.EqualTo(("deflate", 10_000L, false)));
        Assert.That(entry.PackedLength, Is.LessThan(1000));
    }
}
