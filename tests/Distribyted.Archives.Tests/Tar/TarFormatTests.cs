using System.Formats.Tar;
using System.Text;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Tar;

namespace Distribyted.Archives.Tests.Tar;

[CancelAfter(30_000)]
internal sealed class TarFormatTests
{
    private static readonly string LongName = string.Join('/', Enumerable.Repeat("a name of some length", 12)) + "/end.mkv";

    [TestCase(TarEntryFormat.Pax)]
    [TestCase(TarEntryFormat.Gnu)]
    public async Task Long_names_times_and_places_are_read(TarEntryFormat format, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            writer.WriteEntry(Tars.Entry(TarEntryType.Directory, "empty/", format));
            writer.WriteEntry(Tars.Entry(TarEntryType.RegularFile, LongName, format, [1, 2, 3]));
            writer.WriteEntry(Tars.Entry(TarEntryType.RegularFile, "next.txt", format, [4]));
        }

        var tar = stream.ToArray();
        var index = await ReadAsync(tar, cancellationToken);

        Assert.That(index.Entries.Select(e => e.Path), Is.EqualTo(new[] { "empty/", LongName, "next.txt" }));
        Assert.That(index.Entries.Select(e => e.IsFolder), Is.EqualTo(new[] { true, false, false }));
        Assert.That(index.Entries[1].Modified, Is.EqualTo(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero)));
        var range = index.Entries[1].Ranges.Single();
        Assert.That(tar.AsSpan((int)range.Offset, (int)range.Length).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Links_and_devices_are_left_out(CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            var link = Tars.Entry(TarEntryType.SymbolicLink, "link", TarEntryFormat.Pax);
            link.LinkName = "/etc/passwd";
            writer.WriteEntry(link);
            var hard = Tars.Entry(TarEntryType.HardLink, "hard", TarEntryFormat.Pax);
            hard.LinkName = "../x";
            writer.WriteEntry(hard);
            writer.WriteEntry(Tars.Entry(TarEntryType.Fifo, "fifo", TarEntryFormat.Pax));
            writer.WriteEntry(Tars.Entry(TarEntryType.RegularFile, "file", TarEntryFormat.Pax, [1]));
        }

        var index = await ReadAsync(stream.ToArray(), cancellationToken);

        Assert.That(index.Entries.Select(e => e.Path), Is.EqualTo(new[] { "file" }));
    }

    [Test]
    public async Task A_global_header_holds_for_all_and_the_next_ones_own_wins(CancellationToken cancellationToken)
    {
        var index = await ReadAsync(
            [
                .. Block("pax_global_header", 'g', Pax("mtime", "1000000000")),
                .. Block("a", '0', [1]),
                .. Block("x", 'x', Pax("mtime", "1100000000.5"), Pax("path", "b/c")),
                .. Block("short", '0', [2, 3]),
                .. Block("d", '0', [4]),
                .. new byte[1024],
            ],
            cancellationToken
        );

        Assert.That(index.Entries.Select(e => e.Path), Is.EqualTo(new[] { "a", "b/c", "d" }));
        Assert.That(
            index.Entries.Select(e => e.Modified!.Value.ToUnixTimeMilliseconds()),
            Is.EqualTo(new[] { 1_000_000_000_000, 1_100_000_000_500, 1_000_000_000_000 })
        );
    }

    [Test]
    public async Task A_sparse_file_is_listed_and_has_no_place(CancellationToken cancellationToken)
    {
        var index = await ReadAsync(
            [
                .. Block("x", 'x', Pax("GNU.sparse.major", "1"), Pax("GNU.sparse.name", "disk.img"), Pax("GNU.sparse.realsize", "1000000")),
                .. Block("GNUSparseFile.0/disk.img", '0', new byte[512]),
                .. new byte[1024],
            ],
            cancellationToken
        );

        var entry = index.Entries.Single();
        Assert.That((entry.Path, entry.Length, entry.Method, entry.Ranges.Length), Is.EqualTo(("disk.img", 1_000_000L, "sparse", 0)));
    }

    [Test]
    public async Task A_size_over_8_GiB_is_binary(CancellationToken cancellationToken)
    {
        var header = Block("big", '0', []);
        header.AsSpan(124, 12).Clear();
        header[124] = 0x80;
        header[130] = 3; // 3 * 2^40
        Sign(header);
        await using var source = new MemorySource(header, lengthOfFirst: 5L << 40);

        var index = await new TarFormat().ReadIndexAsync(source, MemorySource.Limits, cancellationToken);

        Assert.That(index.Entries.Single().Length, Is.EqualTo(3L << 40));
    }

    [TestCase("cut", "outside")]
    [TestCase("noise", "something else")]
    [TestCase("pax", "pax header")]
    public async Task What_contradicts_itself_is_refused(string how, string reason)
    {
        var tar = how switch
        {
            "cut" => Block("a", '0', new byte[2000])[..1500],
            "noise" => [.. Block("a", '0', [1]), .. Enumerable.Repeat((byte)7, 1024)],
            _ => (byte[])[.. Block("x", 'x', "9999 path=y\n"u8.ToArray()), .. Block("a", '0', [1])],
        };

        var failure = await Assert.ThrowsAsync<ArchiveException>(() => ReadAsync(tar, CancellationToken.None));

        Assert.That(failure, Has.Message.Contains(reason));
    }

    private static Task<ArchiveIndex> ReadAsync(byte[] tar, CancellationToken cancellationToken)
    {
        var format = new TarFormat();
        Assert.That(format.Recognises(tar.AsSpan(0, format.HeadBytes)));
        return format.ReadIndexAsync(new MemorySource(tar), MemorySource.Limits, cancellationToken).AsTask();
    }

    private static byte[] Pax(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
        var length =
            rest
            + (
                rest + 1 > 9
                    ? rest + 2 > 99
                        ? 3
                        : 2
                    : 1
            );
        return Encoding.UTF8.GetBytes($"{length} {key}={value}\n");
    }

    internal static byte[] Block(string name, char type, params byte[][] content)
    {
        var data = content.SelectMany(part => part).ToArray();
        var block = new byte[512 + ((data.Length + 511) / 512 * 512)];
        Encoding.UTF8.GetBytes(name, block);
        Encoding.UTF8.GetBytes($"{Convert.ToString(data.Length, 8).PadLeft(11, '0')}\0", block.AsSpan(124));
        Encoding.UTF8.GetBytes("00000000000\0", block.AsSpan(136));
        block[156] = (byte)type;
        Encoding.UTF8.GetBytes("ustar\000", block.AsSpan(257));
        Sign(block);
        data.CopyTo(block, 512);
        return block;
    }

    internal static void Sign(Span<byte> block)
    {
        block.Slice(148, 8).Fill((byte)' ');
        var sum = block[..512].ToArray().Sum(b => b);
        Encoding.UTF8.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ", block[148..]);
    }
}
