using System.Globalization;

namespace Distribyted.Archives.Formats.Tar;

/// <summary>Attributes of a pax header (POSIX.1-2001) that are used here.</summary>
internal sealed class PaxRecords
{
    public string? Path { get; private set; }

    public long? Size { get; private set; }

    public DateTimeOffset? Modified { get; private set; }

    /// <summary>Whether the entry is a sparse file of GNU tar.</summary>
    public bool IsSparse { get; private set; }

    /// <summary>Its name; the one in <see cref="Path"/> is made up.</summary>
    public string? SparsePath { get; private set; }

    /// <summary>Bytes of the file with its zeros.</summary>
    public long? SparseSize { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        (Path, Size, Modified, IsSparse, SparsePath, SparseSize) = (null, null, null, false, null, null);
    }

    /// <summary>Takes the records of a header: <c>30 mtime=1350244992.023960108</c> and a line feed; the number counts all bytes of the record.</summary>
    /// <exception cref="ArchiveException">They are none.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && bytes[0] != 0)
        {
            var space = bytes[..Math.Min(bytes.Length, 10)].IndexOf((byte)' ');
            if (
                space <= 0
                || !int.TryParse(bytes[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > bytes.Length
                || bytes[length - 1] != '\n'
            )
            {
                throw TarFormat.Damaged("a pax header cannot be read");
            }

            var record = bytes[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals > 0)
            {
                Set(record[..equals], record[(equals + 1)..]);
            }

            bytes = bytes[length..];
        }
    }

    // An empty value takes an attribute back.
    private void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("path"u8))
        {
            Path = value.IsEmpty ? null : OldText.Decode(value);
        }
        else if (key.SequenceEqual("size"u8))
        {
            Size = value.IsEmpty ? null : Number(value);
        }
        else if (key.SequenceEqual("mtime"u8))
        {
            Modified = Time(value);
        }
        else if (key.StartsWith("GNU.sparse."u8))
        {
            IsSparse = true;
            SparsePath = key.SequenceEqual("GNU.sparse.name"u8) ? OldText.Decode(value) : SparsePath;
            SparseSize = key.SequenceEqual("GNU.sparse.realsize"u8) || key.SequenceEqual("GNU.sparse.size"u8) ? Number(value) : SparseSize;
        }
    }

    private static long Number(ReadOnlySpan<byte> value)
    {
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw TarFormat.Damaged("a pax header holds a size that is none");
    }

    private static DateTimeOffset? Time(ReadOnlySpan<byte> value)
    {
        return
            decimal.TryParse(
                value,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var seconds
            )
            && seconds > -62_135_596_800
            && seconds < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;
    }
}
