using System.Buffers.Binary;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Unpacking.Deflate;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Deflate64;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.PPMd;
using SharpCompress.Compressors.Xz;
using SharpCompress.Compressors.ZStandard;

namespace Distribyted.Archives.Unpacking.Zip;

/// <summary>Decompresses and decrypts an entry of a zip file (APPNOTE sections 4.3.7, 4.4.5, 5.8 and 6; WinZip's AE-1 and AE-2).</summary>
internal static class ZipUnpacker
{
    private const int HeaderLength = 30;
    private const uint Signature = 0x04034b50;
    private const int HasEndMark = 1 << 1; // of LZMA
    private const int HasDescriptor = 1 << 3;
    private const int MaxLzmaSettings = 64;

    /// <summary>Whether its method is known.</summary>
    public static bool CanRead(ArchiveEntry entry)
    {
        return entry is { HeaderOffset: not null, Length: not null }
            && entry.Method is "stored" or "deflate" or "deflate64" or "bzip2" or "lzma" or "zstd" or "xz" or "ppmd";
    }

    /// <summary>Its content, read forwards.</summary>
    /// <param name="start">Its first volume is the whole file; it stays open. The password is for an encrypted entry.</param>
    /// <param name="entry">One that <see cref="CanRead"/> accepts.</param>
    /// <exception cref="ArchiveException">The entry is damaged, or the password does not fit.</exception>
    public static Stream Open(UnpackingStart start, ArchiveEntry entry)
    {
        var (archive, password) = (start.Volumes[0], start.Password);
        var header = new byte[HeaderLength];
        archive.Position = entry.HeaderOffset!.Value;
        archive.ReadExactly(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Signature)
        {
            throw ZipFormat.Damaged($"there is no header where \"{entry.Path}\" should begin");
        }

        var flags = U16(header, 6);
        var name = new byte[U16(header, 26)];
        var extra = new byte[U16(header, 28)];
        archive.ReadExactly(name);
        archive.ReadExactly(extra);
        if (start.From is InflateState from)
        {
            archive.Position += from.Packed;
            return new InflateStream(new RangeStream(archive, entry.PackedLength - from.Packed), from);
        }

        var packed = new RangeStream(archive, entry.PackedLength);
        if (!entry.IsEncrypted)
        {
            return Decompress(packed, entry, flags, start);
        }

        var fields = ExtraFields.Read(extra, name);
        if (fields.AesVersion > 0)
        {
            var aes = new ZipAesStream(packed, fields.AesStrength, password ?? "");
            return new ZipAesEntry(aes, Decompress(aes, entry, flags, start));
        }

        var check = (flags & HasDescriptor) != 0 ? header[11] : (byte)((entry.Crc32 ?? 0) >> 24);
        return Decompress(new ZipCryptoStream(packed, password ?? "", check), entry, flags, start);
    }

    private static Stream Decompress(Stream packed, ArchiveEntry entry, int flags, UnpackingStart start)
    {
        return entry.Method switch
        {
            "stored" => packed,
            "deflate" => new InflateStream(packed),
            "deflate64" => new Deflate64Stream(packed, CompressionMode.Decompress),
            "bzip2" => BZip2Stream.Create(
                packed,
                CompressionMode.Decompress,
                decompressConcatenated: false,
                leaveOpen: false,
                tolerateTruncatedStream: false
            ),
            "lzma" => Lzma(packed, entry, flags, start),
            "ppmd" => Ppmd(packed, start),
            "zstd" => new DecompressionStream(ZstdHead.Check(packed, start), 0, checkEndOfStream: true, leaveOpen: false),
            "xz" => new XZStream(XzHead.Check(packed, start)),
            _ => throw new ArchiveException(ArchiveFailure.NotSupported, $"\"{entry.Path}\" is packed with {entry.Method}."),
        };
    }

    // Two bytes of version, two with the length of the settings, the settings.
    private static LzmaStream Lzma(Stream packed, ArchiveEntry entry, int flags, UnpackingStart start)
    {
        var head = new byte[4];
        packed.ReadExactly(head);
        var length = U16(head, 2);
        if (length is < 5 or > MaxLzmaSettings)
        {
            throw ZipFormat.Damaged($"\"{entry.Path}\" has LZMA settings of {length} bytes");
        }

        var settings = new byte[length];
        packed.ReadExactly(settings);
        start.Need(BinaryPrimitives.ReadUInt32LittleEndian(settings.AsSpan(1)));
        var left = entry.PackedLength - head.Length - length;
        return LzmaStream.Create(settings, packed, left, (flags & HasEndMark) != 0 ? -1 : entry.Length!.Value, leaveOpen: false);
    }

    private static PpmdStream Ppmd(Stream packed, UnpackingStart start)
    {
        var settings = new byte[2];
        packed.ReadExactly(settings);
        start.Need((((U16(settings, 0) >> 4) & 0xFF) + 1L) << 20);
        return PpmdStream.Create(new PpmdProperties(settings), packed, compress: false);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    }
}
