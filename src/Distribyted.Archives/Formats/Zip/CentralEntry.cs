using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Distribyted.Archives.Formats.Zip;

/// <summary>An entry of the central directory of a zip file (APPNOTE section 4.3.12).</summary>
internal readonly record struct CentralEntry
{
    private const uint Signature = 0x02014b50;
    private const int FixedLength = 46;

    private const int Encrypted = 1 << 0;
    private const int Utf8Name = 1 << 11;
    private const int HiddenHeaders = 1 << 13;

    private const int AesMethod = 99;

    private const int FileTypes = 0xF000; // of Unix
    private const int FolderType = 0x4000;
    private const int RegularType = 0x8000;
    private const int DosFolder = 0x10;

    private string Path { get; init; }

    private bool IsFolder { get; init; }

    private long Length { get; init; }

    private DateTimeOffset? Modified { get; init; }

    private uint Crc32 { get; init; }

    private bool HasCrc32 { get; init; }

    private int Method { get; init; }

    private bool IsEncrypted { get; init; }

    /// <summary>Bytes that its content takes.</summary>
    public long PackedLength { get; private init; }

    /// <summary>Where its local header begins, bytes from the start of the file; may be anything.</summary>
    public long HeaderOffset { get; private init; }

    /// <summary>Bytes of its name in the central directory; the local header has the same name.</summary>
    public int NameLength { get; private init; }

    /// <summary>Whether it is a file or folder and not a link or device.</summary>
    public bool IsShown { get; private init; }

    /// <summary>Reads one.</summary>
    /// <param name="bytes">From its start on.</param>
    /// <param name="shift">What is added to its offset.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="length">Bytes that it takes.</param>
    /// <returns>False: it is not here as a whole.</returns>
    /// <exception cref="ArchiveException">It contradicts itself.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, long shift, out CentralEntry entry, out int length)
    {
        entry = default;
        length = 0;
        if (bytes.Length < FixedLength)
        {
            return false;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Signature)
        {
            throw ZipFormat.Damaged("something else stands in its list of entries");
        }

        var nameLength = U16(bytes, 28);
        var extraLength = U16(bytes, 30);
        length = FixedLength + nameLength + extraLength + U16(bytes, 32);
        if (bytes.Length < length)
        {
            return false;
        }

        var flags = U16(bytes, 8);
        if ((flags & HiddenHeaders) != 0)
        {
            throw new ArchiveException(ArchiveFailure.PasswordNeeded, "Its list of entries is encrypted, which is not read.");
        }

        var host = bytes[5];
        var attributes = U32(bytes, 38);
        var type = host == 3 ? (int)(attributes >> 16) & FileTypes : 0;
        var name = bytes.Slice(FixedLength, nameLength);
        var extra = ExtraFields.Read(bytes.Slice(FixedLength + nameLength, extraLength), name);
        var path = extra.UnicodePath ?? ((flags & Utf8Name) != 0 ? Encoding.UTF8.GetString(name) : OldText.Decode(name));
        if (host is 0 or 10 or 11 && !path.Contains('/', StringComparison.Ordinal))
        {
            path = path.Replace('\\', '/'); // written by a program of DOS or Windows that broke the rule
        }

        var packed = extra.Packed(U32(bytes, 20), U32(bytes, 24), U32(bytes, 42), out var unpacked, out var offset);
        if (packed < 0 || unpacked < 0 || offset < 0 || packed > long.MaxValue / 4 || offset > long.MaxValue / 4)
        {
            throw ZipFormat.Damaged("a length is not possible");
        }

        var method = U16(bytes, 10);
        entry = new CentralEntry
        {
            Path = path,
            NameLength = nameLength,
            IsFolder = path.EndsWith('/') || type == FolderType || (host is 0 or 10 or 11 && (attributes & DosFolder) != 0),
            IsShown = type is 0 or FolderType or RegularType,
            Length = unpacked,
            PackedLength = packed,
            HeaderOffset = offset + shift,
            Modified = extra.Modified ?? ArchiveTime.FromDos(U32(bytes, 12)),
            Crc32 = U32(bytes, 16),
            HasCrc32 = method != AesMethod || extra.AesVersion != 2, // AE-2 leaves it out, because it would tell of the content
            Method = method == AesMethod ? extra.AesMethod : method,
            IsEncrypted = (flags & Encrypted) != 0,
        };
        if (entry is { Method: 0, IsEncrypted: false, IsShown: true } && packed != unpacked)
        {
            throw ZipFormat.Damaged("a stored entry has two lengths");
        }

        return true;
    }

    /// <summary>As all formats describe it.</summary>
    public ArchiveEntry ToEntry(int ordinal)
    {
        return new ArchiveEntry
        {
            Path = Path,
            IsFolder = IsFolder,
            Length = IsFolder ? 0 : Length,
            PackedLength = PackedLength,
            Modified = Modified,
            Crc32 = HasCrc32 ? Crc32 : null,
            Method = MethodName(Method),
            IsEncrypted = IsEncrypted,
            HeaderOffset = !IsFolder && Length > 0 ? HeaderOffset : null,
            Ordinal = ordinal,
        };
    }

    private static string MethodName(int method)
    {
        return method switch
        {
            0 => "stored",
            1 => "shrink",
            6 => "implode",
            8 => "deflate",
            9 => "deflate64",
            12 => "bzip2",
            14 => "lzma",
            20 or 93 => "zstd",
            95 => "xz",
            98 => "ppmd",
            _ => string.Create(CultureInfo.InvariantCulture, $"zip method {method}"),
        };
    }

    private static int U16(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    }
}
