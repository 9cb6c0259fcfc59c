using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Routes.Model;

/// <summary>Which files of a torrent its magnet link asks for (<c>so</c>, BEP 53); the others are not shown. Immutable.</summary>
internal sealed class FileSelection
{
    private readonly IReadOnlyList<FileRange> _ranges;

    private FileSelection(IReadOnlyList<FileRange> ranges)
    {
        _ranges = ranges;
        Key = string.Join(',', ranges.Select(static r => $"{r.First}-{r.Last}"));
    }

    /// <summary>Equal for equal selections.</summary>
    internal string Key { get; }

    /// <summary>The selection of a link; null: it asks for all files, or there is no link.</summary>
    internal static FileSelection? Of(string? magnet)
    {
        // Most links have none, and thousands of them are looked at when the program starts.
        return
            magnet is not null
            && magnet.Contains("so", StringComparison.OrdinalIgnoreCase)
            && MagnetLink.TryParse(magnet, out var link, out _)
            && link.SelectOnly.Count > 0
            ? new FileSelection(link.SelectOnly)
            : null;
    }

    /// <summary>A link that asks for all files.</summary>
    internal static string? Without(string? magnet)
    {
        return Of(magnet) is not null && MagnetLink.TryParse(magnet, out var link, out _)
            ? (link with { SelectOnly = [] }).ToString()
            : magnet;
    }

    /// <summary>The files of a torrent that are shown: those selected, or all when none of those can be shown.</summary>
    /// <param name="files">All files of the torrent.</param>
    /// <param name="selection">What is asked for; null: all.</param>
    /// <returns>Their numbers in the torrent, in order.</returns>
    internal static IReadOnlyList<int> Shown(IReadOnlyList<TorrentFile> files, FileSelection? selection)
    {
        int[] all = [.. Enumerable.Range(0, files.Count).Where(index => TorrentFacts.IsShown(files[index]))];
        var selected = selection is null ? all : Array.FindAll(all, selection.Includes);
        return selected.Length > 0 ? selected : all;
    }

    /// <summary>Whether a file is asked for; numbers beyond the torrent change nothing.</summary>
    internal bool Includes(int index)
    {
        foreach (var range in _ranges)
        {
            if (index >= range.First && index <= range.Last)
            {
                return true;
            }
        }

        return false;
    }
}
