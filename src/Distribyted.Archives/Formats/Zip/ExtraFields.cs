using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.Zip;

/// <summary>The extra fields of a zip entry that are used here (APPNOTE section 4.5). Fields that are cut short count as missing.</summary>
internal readonly record struct ExtraFields
{
    private const int Zip64 = 0x0001;
    private const int NtfsTimes = 0x000a;
    private const int UnixTimes = 0x5455;
    private const int Utf8Path = 0x7075;
    private const int Aes = 0x9901;

    /// <summary>Its name as UTF-8, when it belongs to the name of the entry.</summary>
    public string? UnicodePath { get; private init; }

    /// <summary>When it was modified: to 100 ns (NTFS) or to a second (Unix), in UTC.</summary>
    public DateTimeOffset? Modified { get; private init; }

    /// <summary>How an entry encrypted by AES is packed; 0: stored, or it is not said.</summary>
    public int AesMethod { get; private init; }

    /// <summary>1: with a checksum of the content, 2: without (AE-1 and AE-2); 0: it is not encrypted by AES.</summary>
    public int AesVersion { get; private init; }

    /// <summary>Of the key: 1 for 128 bits, 2 for 192, 3 for 256.</summary>
    public int AesStrength { get; private init; }

    private long[] Long { get; init; }

    /// <summary>Reads the fields.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="name">The name in the header; the UTF-8 one holds its checksum.</param>
    public static ExtraFields Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        string? path = null;
        DateTimeOffset? unix = null;
        DateTimeOffset? ntfs = null;
        var (aes, aesVersion, aesStrength) = (0, 0, 0);
        long[] longs = [];
        while (bytes.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            if (length > bytes.Length - 4)
            {
                break;
            }

            var field = bytes.Slice(4, length);
            bytes = bytes[(4 + length)..];
            switch (id)
            {
                case Zip64:
                    longs = new long[Math.Min(length / 8, 3)];
                    for (var i = 0; i < longs.Length; i++)
                    {
                        longs[i] = BinaryPrimitives.ReadInt64LittleEndian(field[(8 * i)..]);
                    }

                    break;
                case NtfsTimes when length >= 4 + 4 + 8 && BinaryPrimitives.ReadUInt16LittleEndian(field[4..]) == 1:
                    ntfs = ArchiveTime.FromNtfs(BinaryPrimitives.ReadUInt64LittleEndian(field[8..]));
                    break;
                case UnixTimes when length >= 5 && (field[0] & 1) != 0:
                    unix = ArchiveTime.FromUnix(BinaryPrimitives.ReadUInt32LittleEndian(field[1..]));
                    break;
                case Utf8Path when length > 5 && field[0] == 1:
                    var text = field[5..];
                    path =
                        BinaryPrimitives.ReadUInt32LittleEndian(field[1..]) == Crc32.Of(name) && System.Text.Unicode.Utf8.IsValid(text)
                            ? System.Text.Encoding.UTF8.GetString(text)
                            : path;
                    break;
                case Aes when length >= 7:
                    aes = BinaryPrimitives.ReadUInt16LittleEndian(field[5..]);
                    (aesVersion, aesStrength) = (BinaryPrimitives.ReadUInt16LittleEndian(field), field[4]);
                    break;
            }
        }

        return new ExtraFields
        {
            UnicodePath = path,
            Modified = ntfs ?? unix,
            AesMethod = aes,
            AesVersion = aesVersion,
            AesStrength = aesStrength,
            Long = longs,
        };
    }

    /// <summary>The true lengths: those of the header, or the 64-bit ones in the order in which the header leaves them out.</summary>
    /// <returns>Packed length; -1: a 64-bit value is missing.</returns>
    public long Packed(uint packed, uint unpacked, uint offset, out long longUnpacked, out long longOffset)
    {
        var next = 0;
        longUnpacked = Take(unpacked, ref next);
        var longPacked = Take(packed, ref next);
        longOffset = Take(offset, ref next);
        return longPacked;
    }

    private long Take(uint value, ref int next)
    {
        if (value != uint.MaxValue)
        {
            return value;
        }

        return Long is { } longs && next < longs.Length ? longs[next++] : -1;
    }
}
