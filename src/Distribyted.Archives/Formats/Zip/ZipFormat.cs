using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Zip;

/// <summary>Zip as APPNOTE 6.3.10 describes it: the entries come from the central directory at the end, zip64 included.</summary>
/// <remarks>The central directory does not say where content begins: only the local header of an entry does, which is read when the entry is.</remarks>
internal sealed class ZipFormat : IArchiveFormat
{
    private const int EndLength = 22;
    private const int MaxComment = 65535;
    private const int Zip64EndLength = 56;
    private const int Zip64LocatorLength = 20;
    private const int LocalLength = 30;
    private const int ChunkLength = 256 * 1024; // more than the longest entry of a central directory, 46 + 3 * 65535 bytes

    private const uint EndSignature = 0x06054b50;
    private const uint Zip64EndSignature = 0x06064b50;
    private const uint Zip64LocatorSignature = 0x07064b50;
    private const uint LocalSignature = 0x04034b50;

    /// <inheritdoc/>
    public string Name => "zip";

    /// <inheritdoc/>
    public int HeadBytes => 4;

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> head)
    {
        return head.Length >= 4
            && (
                head.StartsWith("PK\x03\x04"u8)
                || head.StartsWith("PK\x05\x06"u8) // no entries
                || head.StartsWith("PK\x07\x08"u8) // once meant for several disks, now on one
                || head.StartsWith("PK00"u8)
            );
    }

    /// <inheritdoc/>
    public async ValueTask<ArchiveIndex> ReadIndexAsync(IArchiveSource source, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var end = await FindEndAsync(source, cancellationToken);
        if (end.Size > limits.MaxHeaderBytes)
        {
            throw new ArchiveException(
                ArchiveFailure.TooLarge,
                $"The list of entries takes {end.Size} bytes; {limits.MaxHeaderBytes} are read."
            );
        }

        var entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
        var extents = new List<(long Start, long End)>();
        var buffer = new byte[(int)Math.Min(ChunkLength, Math.Max(end.Size, 1))];
        var (filled, consumed, ordinal, isTruncated) = (0, 0L, 0, false);
        while (consumed < end.Size)
        {
            var wanted = (int)Math.Min(buffer.Length - filled, end.Size - consumed - filled);
            if (await source.ReadAsync(0, end.Start + consumed + filled, buffer.AsMemory(filled, wanted), cancellationToken) < wanted)
            {
                throw Damaged("its list of entries is cut short");
            }

            filled += wanted;
            var used = 0;
            while (CentralEntry.TryRead(buffer.AsSpan(used, filled - used), end.Shift, out var entry, out var length))
            {
                used += length;
                if (entries.Count >= limits.MaxEntries)
                {
                    isTruncated = true;
                    break;
                }

                var extent = entry.HeaderOffset + LocalLength + entry.NameLength + entry.PackedLength;
                if (entry.HeaderOffset < 0 || extent > end.Start)
                {
                    throw Damaged($"an entry lies outside of it (number {ordinal + 1})");
                }

                extents.Add((entry.HeaderOffset, extent));
                if (entry.IsShown)
                {
                    entries.Add(entry.ToEntry(ordinal));
                }

                ordinal++;
            }

            if (isTruncated)
            {
                break;
            }

            if (used == 0)
            {
                throw Damaged("its list of entries ends within an entry");
            }

            consumed += used;
            filled -= used;
            buffer.AsSpan(used, filled).CopyTo(buffer);
        }

        CheckOverlap(extents);
        return new ArchiveIndex(entries.DrainToImmutable(), isTruncated, IsSolid: false);
    }

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<StoredRange>> LocateAsync(
        IArchiveSource source,
        ArchiveEntry entry,
        CancellationToken cancellationToken
    )
    {
        if (!entry.IsPlain || entry.HeaderOffset is not { } at || entry.PackedLength == 0)
        {
            return entry.Ranges;
        }

        var header = new byte[LocalLength];
        var read = await source.ReadAsync(0, at, header, cancellationToken);
        if (read < LocalLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
        {
            throw Damaged($"there is no header where \"{entry.Path}\" should begin");
        }

        var start =
            at
            + LocalLength
            + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26))
            + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        return start + entry.PackedLength <= source.LengthOf(0)
            ? [new StoredRange(0, start, entry.PackedLength)]
            : throw Damaged($"\"{entry.Path}\" lies outside of it");
    }

    internal static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The zip file is damaged: {what}.");
    }

    // The record is the last thing in the file, before a comment of its own; what else has been appended to the file is skipped.
    private static async ValueTask<Directory> FindEndAsync(IArchiveSource source, CancellationToken cancellationToken)
    {
        var length = source.LengthOf(0);
        var tail = new byte[(int)Math.Min(length, EndLength + MaxComment + Zip64LocatorLength + Zip64EndLength)];
        var tailStart = length - tail.Length;
        if (await source.ReadAsync(0, tailStart, tail, cancellationToken) < tail.Length)
        {
            throw Damaged("it ends too early");
        }

        var at = FindEnd(tail);
        if (at < 0)
        {
            throw Damaged("the list of entries at its end is missing");
        }

        var end = tail.AsSpan(at).ToArray();
        var (disk, startDisk) = (U16(end, 4), U16(end, 6));
        long size = U32(end, 12);
        long offset = U32(end, 16);
        var endStart = tailStart + at;
        if (at >= Zip64LocatorLength && U32(tail, at - Zip64LocatorLength) == Zip64LocatorSignature)
        {
            var locator = tail.AsSpan(at - Zip64LocatorLength).ToArray();
            var (record, recordStart) = await ReadZip64EndAsync(source, U64(locator, 8), endStart - Zip64LocatorLength, cancellationToken);
            if (U32(record, 16) != 0 || U32(record, 20) != 0)
            {
                throw Spanned();
            }

            (size, offset, endStart) = (U64(record, 40), U64(record, 48), recordStart);
        }
        else if (disk != startDisk || disk is not (0 or ushort.MaxValue))
        {
            throw Spanned();
        }

        if (size < 0 || offset < 0 || size > endStart || offset > endStart - size)
        {
            throw Damaged("the list of entries lies outside of it");
        }

        // What stands before the archive (a program that unpacks it) counts in some archives' offsets and in others not.
        return new Directory(endStart - size, size, endStart - size - offset);
    }

    private static int FindEnd(ReadOnlySpan<byte> tail)
    {
        var best = -1;
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[at..]) != EndSignature)
            {
                continue;
            }

            var comment = BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]);
            if (at + EndLength + comment == tail.Length)
            {
                return at;
            }

            if (best < 0 && at + EndLength + comment < tail.Length)
            {
                best = at;
            }
        }

        return best;
    }

    private static async ValueTask<(byte[] Record, long Start)> ReadZip64EndAsync(
        IArchiveSource source,
        long said,
        long locator,
        CancellationToken cancellationToken
    )
    {
        foreach (var start in (long[])[said, locator - Zip64EndLength])
        {
            var record = new byte[Zip64EndLength];
            if (
                start >= 0
                && start <= locator - Zip64EndLength
                && await source.ReadAsync(0, start, record, cancellationToken) == record.Length
                && U32(record, 0) == Zip64EndSignature
            )
            {
                return (record, start);
            }
        }

        throw Damaged("its zip64 record is missing");
    }

    // Two entries that share bytes let a small file unpack to petabytes.
    private static void CheckOverlap(List<(long Start, long End)> extents)
    {
        extents.Sort();
        for (var i = 1; i < extents.Count; i++)
        {
            if (extents[i].Start < extents[i - 1].End)
            {
                throw Damaged("entries share the same bytes");
            }
        }
    }

    private static ArchiveException Spanned()
    {
        return new ArchiveException(ArchiveFailure.NotSupported, "It is a part of a zip archive in several parts, which is not read.");
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    }

    private static long U64(ReadOnlySpan<byte> bytes, int at)
    {
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
    }

    /// <summary>The central directory.</summary>
    /// <param name="Start">Bytes from the start of the file.</param>
    /// <param name="Size">Its length, bytes.</param>
    /// <param name="Shift">What is added to offsets that the archive names.</param>
    private readonly record struct Directory(long Start, long Size, long Shift);
}
