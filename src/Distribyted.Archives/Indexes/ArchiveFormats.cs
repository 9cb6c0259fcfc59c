using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Iso;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Volumes;

namespace Distribyted.Archives.Indexes;

/// <summary>Every format. A new one is a line here.</summary>
internal static class ArchiveFormats
{
    /// <summary>In the order in which they are asked whether an archive is theirs.</summary>
    public static IReadOnlyList<IArchiveFormat> All { get; } =
    [new ZipFormat(), new RarFormat(), new SevenZipFormat(), new IsoFormat(), new TarFormat(), .. PackedTarFormat.All];

    /// <summary>First bytes that all of them together need.</summary>
    public static int HeadBytes { get; } = All.Max(static format => format.HeadBytes);

    /// <summary>The format of an archive that begins with these bytes; null: none that is known.</summary>
    public static IArchiveFormat? Find(ReadOnlySpan<byte> head)
    {
        foreach (var format in All)
        {
            if (format.Recognises(head))
            {
                return format;
            }
        }

        return null;
    }

    /// <summary>The format of this name; null: there is none.</summary>
    public static IArchiveFormat? Named(string name)
    {
        var isJoined = name.EndsWith(JoinedFormat.Ending, StringComparison.Ordinal);
        var whole = isJoined ? name[..^JoinedFormat.Ending.Length] : name;
        var format = All.FirstOrDefault(format => string.Equals(format.Name, whole, StringComparison.Ordinal));
        return isJoined && format is not null ? new JoinedFormat(format) : format;
    }
}
