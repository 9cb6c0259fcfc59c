using System.Formats.Tar;

namespace Distribyted.Archives.Tests.Tar;

/// <summary>Tar files as .NET writes them.</summary>
internal static class Tars
{
    public static byte[] Make(IReadOnlyDictionary<string, byte[]> files, TarEntryFormat format)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                writer.WriteEntry(Entry(TarEntryType.RegularFile, name, format, content));
            }
        }

        return stream.ToArray();
    }

    public static TarEntry Entry(TarEntryType type, string name, TarEntryFormat format, byte[]? content = null)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            _ => new PaxTarEntry(type, name),
        };
        entry.ModificationTime = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);
        if (content is not null)
        {
            entry.DataStream = new MemoryStream(content);
        }

        return entry;
    }
}
