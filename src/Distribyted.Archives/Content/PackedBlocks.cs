using System.Globalization;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Spools;
using Distribyted.Archives.Unpacking;
using Distribyted.Archives.Unpacking.Zip;
using Distribyted.Archives.Volumes;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Content;

/// <summary>What has to be decompressed for a packed entry, and how.</summary>
internal static class PackedBlocks
{
    /// <summary>The block of an entry, and where the entry begins in it.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="entry">One of known length that is not empty.</param>
    /// <param name="level">How deep the archive lies in others, from 0.</param>
    /// <exception cref="FileSystemException">The entry is of a kind that is not decompressed here.</exception>
    public static (PackedBlock Block, long Start) Of(ArchiveFile archive, ArchiveContent content, ArchiveEntry entry, int level)
    {
        if (FormatOf(content) is PackedTarFormat tar)
        {
            return (WholeBlocks.Of(archive, tar, content.Format is JoinedFormat, level), entry.Ranges[0].Offset);
        }

        var name = $"\"{entry.Path}\" in \"{archive.Entry.Name}\"";
        var solid = content.BlockOf(entry);
        var block = new PackedBlock
        {
            Key = archive.Tag + (entry.Block is { } number ? "!b" + Text(number) : "!" + Text(entry.Ordinal)),
            Archive = archive.Tag,
            Name = entry.Block is null ? name : $"The solid block in \"{archive.Entry.Name}\" that begins with \"{solid.Entries[0].Path}\"",
            Volumes = archive.Volumes,
            AreVolumesJoined = content.Format is JoinedFormat,
            Level = level,
            Members = solid.Members,
            PackedLength = solid.PackedLength > 0 ? solid.PackedLength : archive.Volumes.Sum(static volume => volume.Entry.Length),
            Memory = solid.Memory,
            IsEncrypted = entry.IsEncrypted,
            Open =
                Opener(content, entry, solid)
                ?? throw new FileSystemException(
                    FileSystemFailure.Corrupt,
                    $"{name} is packed in a way that is not read here ({entry.Method})."
                ),
        };
        return (block, solid.StartOf(entry));
    }

    // Null: there is none.
    private static Func<UnpackingStart, Stream>? Opener(ArchiveContent content, ArchiveEntry entry, SolidBlock solid)
    {
        return FormatOf(content) switch
        {
            ZipFormat when ZipUnpacker.CanRead(entry) => start => ZipUnpacker.Open(start, entry),
            RarFormat when entry is { Method: "rar" or "stored", Length: not null } => start => new UnpackerStream(
                Unpackers.Rar(start.Volumes, content.Index.IsSolid, solid.Entries[0].Ordinal, entry.IsEncrypted ? start.Password : null),
                solid.Entries
            ),
            SevenZipFormat when !entry.Method.Contains(' ', StringComparison.Ordinal) && entry.Method != "unknown" =>
                start => new UnpackerStream(Unpackers.SevenZip(start.Volumes[0], start.Password), solid.Entries),
            _ => null,
        };
    }

    private static IArchiveFormat FormatOf(ArchiveContent content)
    {
        return content.Format is JoinedFormat joined ? joined.Whole : content.Format;
    }

    private static string Text(int number)
    {
        return number.ToString(CultureInfo.InvariantCulture);
    }
}
