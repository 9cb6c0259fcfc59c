using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>Which files a range of the torrent lies in.</summary>
internal static class WebSeedParts
{
    /// <summary>The parts in order; together as long as the range. Files without bytes are left out.</summary>
    /// <param name="files">All files of the torrent.</param>
    /// <param name="start">First byte of the range, from the start of the torrent.</param>
    /// <param name="length">Bytes of the range, inside the torrent.</param>
    public static IEnumerable<WebSeedPart> Of(IReadOnlyList<TorrentFile> files, long start, long length)
    {
        for (var at = FileAt(files, start); length > 0; at++)
        {
            var file = files[at];
            var offset = start - file.Offset;
            var here = Math.Min(length, file.Length - offset);
            if (here <= 0)
            {
                continue;
            }

            yield return new WebSeedPart(at, offset, here, file.Attributes.HasFlag(TorrentFileAttributes.Padding));
            start += here;
            length -= here;
        }
    }

    /// <summary>The last file that begins at or before a byte.</summary>
    private static int FileAt(IReadOnlyList<TorrentFile> files, long start)
    {
        var (low, high) = (0, files.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = files[middle].Offset <= start ? (middle, high) : (low, middle - 1);
        }

        while (low > 0 && files[low - 1].Offset == files[low].Offset)
        {
            low--; // files without bytes begin where the next one does
        }

        return low;
    }
}
