using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Archives of one stored film that is a hole, for sizes that no test wants on its disk.</summary>
internal static class StoredArchives
{
    /// <summary>The volumes of an archive of a kind.</summary>
    /// <param name="kind"><c>zip</c>, <c>tar</c>, <c>7z</c>, <c>rar4</c> or <c>rar5</c>, the last two in 50 volumes.</param>
    /// <param name="length">Bytes of the film.</param>
    public static IReadOnlyList<TestVolume> Of(string kind, long length)
    {
        return kind switch
        {
            "zip" => [Zip("film.mkv", length)],
            "tar" => [Tar("film.mkv", length)],
            "7z" => [SevenZipWriter.Stored("film.mkv", length)],
            "rar4" or "rar5" => RarWriter.Write(
                "film",
                new RarOptions
                {
                    Version = kind[^1] - '0',
                    VolumeLength = (length / 50) + 1000,
                    IsOldNaming = kind == "rar4",
                },
                new RarItem("film.mkv", length)
            ),
            _ => throw new ArgumentException(kind, nameof(kind)),
        };
    }

    /// <summary>With zip64, as films of more than 4 GiB need it.</summary>
    public static TestVolume Zip(string name, long length)
    {
        var volume = new TestVolume("film.zip");
        volume.Add(Local(name, new byte[20]));
        volume.AddHole(length);
        AddDirectory(volume, [(name, 0, length)]);
        return volume;
    }

    /// <summary>With a pax header for the size, as films of more than 8 GiB need it.</summary>
    public static TestVolume Tar(string name, long length)
    {
        var volume = new TestVolume("film.tar");
        var size = string.Create(CultureInfo.InvariantCulture, $"size={length}\n");
        var record = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size.Length + 3} {size}"));
        volume.Add(TarHeader("pax", 'x', record.Length));
        volume.Add(record);
        volume.Add(new byte[512 - record.Length]);
        volume.Add(TarHeader(name, '0', 0));
        volume.AddHole(length);
        volume.Add(new byte[(int)((512 - (length % 512)) % 512) + 1024]);
        return volume;
    }

    /// <summary>The header of an entry in front of its bytes.</summary>
    public static byte[] Local(string name, byte[] extra)
    {
        var header = new byte[30 + name.Length + extra.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)extra.Length);
        Encoding.Latin1.GetBytes(name, header.AsSpan(30));
        return header;
    }

    /// <summary>The list of entries, every length in its zip64 field, and zip64 records at the end.</summary>
    public static void AddDirectory(TestVolume volume, (string Name, long Offset, long Length)[] entries)
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

    private static byte[] TarHeader(string name, char type, long size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        Encoding.ASCII.GetBytes("0000644\0" + "0000000\0" + "0000000\0", header.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        Encoding.ASCII.GetBytes("14602630030", header.AsSpan(136));
        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
        return header;
    }
}
