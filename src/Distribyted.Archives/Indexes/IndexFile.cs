using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Indexes;

/// <summary>How the list of entries of an archive is written: magic and version, the archive's tag, the entries, SHA-256 of all before it.</summary>
internal static class IndexFile
{
    private const ulong Magic = 0x3330_5844_4954_5344; // DSTIDX03
    private const int HashLength = SHA256.HashSizeInBytes;

    public static byte[] Write(string tag, IArchiveFormat format, ArchiveIndex index)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(tag);
            writer.Write(format.Name);
            writer.Write(index.IsTruncated);
            writer.Write(index.IsSolid);
            writer.Write(index.Entries.Length);
            foreach (var entry in index.Entries)
            {
                Write(writer, entry);
            }
        }

        stream.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Null: it is torn, of another version or of another archive.</summary>
    public static (IArchiveFormat Format, ArchiveIndex Index)? Read(string tag, byte[] bytes)
    {
        var length = bytes.Length - HashLength;
        if (length < 0 || !SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
        {
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(bytes, 0, length), Encoding.UTF8);
        if (length < sizeof(ulong) || reader.ReadUInt64() != Magic || reader.ReadString() != tag)
        {
            return null;
        }

        if (ArchiveFormats.Named(reader.ReadString()) is not { } format)
        {
            return null;
        }

        var (isTruncated, isSolid) = (reader.ReadBoolean(), reader.ReadBoolean());
        var entries = new ArchiveEntry[reader.ReadInt32()];
        var methods = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Read(reader, methods);
        }

        return (format, new ArchiveIndex([.. entries], isTruncated, isSolid));
    }

    private static void Write(BinaryWriter writer, ArchiveEntry entry)
    {
        var given =
            (entry.IsFolder ? 1 : 0)
            | (entry.Length is not null ? 2 : 0)
            | (entry.Modified is not null ? 4 : 0)
            | (entry.Crc32 is not null ? 8 : 0)
            | (entry.IsEncrypted ? 16 : 0)
            | (entry.HeaderOffset is not null ? 32 : 0)
            | (entry.Block is not null ? 64 : 0);
        writer.Write((byte)given);
        writer.Write(entry.Path);
        writer.Write(entry.Method);
        writer.Write7BitEncodedInt(entry.Ordinal);
        writer.Write7BitEncodedInt64(entry.PackedLength);
        writer.Write7BitEncodedInt64(entry.Memory);
        WriteGiven(writer, entry.Length);
        WriteGiven(writer, entry.Modified?.UtcTicks);
        WriteGiven(writer, entry.Crc32);
        WriteGiven(writer, entry.HeaderOffset);
        WriteGiven(writer, entry.Block);
        writer.Write7BitEncodedInt(entry.Ranges.Length);
        foreach (var range in entry.Ranges)
        {
            writer.Write7BitEncodedInt(range.Volume);
            writer.Write7BitEncodedInt64(range.Offset);
            writer.Write7BitEncodedInt64(range.Length);
        }
    }

    private static void WriteGiven(BinaryWriter writer, long? value)
    {
        if (value is { } given)
        {
            writer.Write7BitEncodedInt64(given);
        }
    }

    private static ArchiveEntry Read(BinaryReader reader, Dictionary<string, string> methods)
    {
        var given = reader.ReadByte();
        var path = reader.ReadString();
        var method = reader.ReadString();
        if (!methods.TryAdd(method, method))
        {
            method = methods[method]; // one text for thousands of entries
        }

        var ordinal = reader.Read7BitEncodedInt();
        var packed = reader.Read7BitEncodedInt64();
        var memory = reader.Read7BitEncodedInt64();
        long? length = (given & 2) != 0 ? reader.Read7BitEncodedInt64() : null;
        DateTimeOffset? modified = (given & 4) != 0 ? new DateTimeOffset(reader.Read7BitEncodedInt64(), TimeSpan.Zero) : null;
        uint? crc = (given & 8) != 0 ? (uint)reader.Read7BitEncodedInt64() : null;
        long? header = (given & 32) != 0 ? reader.Read7BitEncodedInt64() : null;
        int? block = (given & 64) != 0 ? (int)reader.Read7BitEncodedInt64() : null;
        var ranges = ImmutableArray.CreateBuilder<StoredRange>();
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            ranges.Add(new StoredRange(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()));
        }

        return new ArchiveEntry
        {
            Path = path,
            IsFolder = (given & 1) != 0,
            Length = length,
            PackedLength = packed,
            Memory = memory,
            Modified = modified,
            Crc32 = crc,
            Method = method,
            IsEncrypted = (given & 16) != 0,
            HeaderOffset = header,
            Block = block,
            Ranges = ranges.DrainToImmutable(),
            Ordinal = ordinal,
        };
    }
}
