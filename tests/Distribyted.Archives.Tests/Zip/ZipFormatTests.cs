using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
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
        volume.Add(Local("film.mkv", extra: new byte[20]));
        volume.AddHole(length);
        AddDirectory(volume, [("film.mkv", 0, length)]);
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
        volume.Add(Local("??", []));
        AddDirectory(volume, [("\u0082x", 0, 0)]);
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
        volume.Add(Local("a", []));
        volume.AddHole(1000);
        AddDirectory(volume, [("a", 0, 1000), ("b", 100, 500)]);

        var failure = await Assert.ThrowsAsync<ArchiveException>(() =>
            new ZipFormat().ReadIndexAsync(new TestSource(volume), MemorySource.Limits, CancellationToken.None).AsTask()
        );

        Assert.That(failure, Has.Message.Contains("share the same bytes"));
    }

    [Test]
    public async Task An_entry_outside_of_the_archive_is_refused()
    {
        var volume = new TestVolume("a.zip");
        volume.Add(Local("a", []));
        volume.AddHole(1000);
        AddDirectory(volume, [("a", 0, 1_000_000)]);

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

        Assert.That((entry.Method, entry.Length, entry.HeaderOffset), Is.EqualTo(("deflate", 10_000L, (long?)null)));
        Assert.That(entry.PackedLength, Is.LessThan(1000));
    }

    private static byte[] Local(string name, byte[] extra)
    {
        var header = new byte[30 + name.Length + extra.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)extra.Length);
        Encoding.Latin1.GetBytes(name, header.AsSpan(30));
        return header;
    }

    // Every length in its zip64 field, and zip64 records at the end.
    private static void AddDirectory(TestVolume volume, (string Name, long Offset, long Length)[] entries)
    {
        var start = volume.Length;
        foreach (var (name, offset, length) in entries)
        {
            var entry = new byte[46 + name.Length + 28];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014b50);
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(20), uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(24), uint.MaxValue);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), 28);
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), uint.MaxValue);
            Encoding.Latin1.GetBytes(name, entry.AsSpan(46));
            var extra = entry.AsSpan(46 + name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], 24);
            BinaryPrimitives.WriteInt64LittleEndian(extra[4..], length);
            BinaryPrimitives.WriteInt64LittleEndian(extra[12..], length);
            BinaryPrimitives.WriteInt64LittleEndian(extra[20..], offset);
            volume.Add(entry);
        }

        var size = volume.Length - start;
        var end = new byte[56 + 20 + 22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), size);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), start);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(56), 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(64), start + size);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(72), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(76), 0x06054b50);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(76 + 12), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(76 + 16), uint.MaxValue);
        volume.Add(end);
    }
}
