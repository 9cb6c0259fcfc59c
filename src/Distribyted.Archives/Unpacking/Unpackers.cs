using Distribyted.Archives.Formats;
using SharpCompress.Archives.Rar;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Readers;
using SharpCompress.Readers.Rar;

namespace Distribyted.Archives.Unpacking;

/// <summary>Opens RAR and 7z archives for decompression.</summary>
internal static class Unpackers
{
    /// <summary>RAR. A solid archive is decompressed from its beginning; of another one, the headers are read again and the data of earlier entries is not.</summary>
    /// <param name="volumes">The volumes in order, seekable; they stay open.</param>
    /// <param name="isSolid">As the index says.</param>
    /// <param name="first">Ordinal of the first entry that is wanted; a solid archive begins before it.</param>
    /// <param name="password">For entries that are encrypted; null: none.</param>
    /// <exception cref="ArchiveException">The archive is damaged.</exception>
    public static IUnpacker Rar(IReadOnlyList<Stream> volumes, bool isSolid, int first, string? password)
    {
        return Guard.Run(() =>
            isSolid
                ? (IUnpacker)new SolidUnpacker(null, RarReader.OpenReader(volumes, Options(password)), null)
                : new EntryUnpacker(RarArchive.OpenArchive(volumes, Options(password)), first)
        );
    }

    /// <summary>7z. Each block is decompressed once, from its beginning; blocks of which nothing is read are passed over.</summary>
    /// <param name="file">The archive, seekable; it stays open.</param>
    /// <param name="password">For entries that are encrypted; null: none.</param>
    /// <exception cref="ArchiveException">The archive is damaged.</exception>
    public static IUnpacker SevenZip(Stream file, string? password)
    {
        return Guard.Run<IUnpacker>(() =>
        {
            var archive = SevenZipArchive.OpenArchive(file, Options(password));
            var ordinals = archive
                .Entries.Index()
                .ToDictionary(static e => (object)e.Item, static e => e.Index, ReferenceEqualityComparer.Instance);
            return new SolidUnpacker(archive, archive.ExtractAllEntries(), ordinals);
        });
    }

    private static ReaderOptions Options(string? password)
    {
        return new ReaderOptions
        {
            LeaveStreamOpen = true,
            LookForHeader = true,
            Password = password,
        };
    }
}
