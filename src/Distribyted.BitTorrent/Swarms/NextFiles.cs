using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Guesses which files are read next when a folder is copied or a season is watched: in the order of their names, which is
/// rarely their order in the torrent. Guarded by the swarm's lock.</summary>
/// <remarks>Two whole files in a row are the evidence; before that nothing is guessed, so a scanner that opens each file costs nothing.</remarks>
internal sealed class NextFiles
{
    private const int Evidence = 2;

    private readonly Dictionary<long, int> _placeByStart = [];
    private readonly List<(TorrentFile File, string Folder)> _order = [];
    private int _lastWhole = -1;
    private int _inRow; // whole files one after the other, the last one included

    public NextFiles(TorrentInfo info)
    {
        foreach (var file in info.Files)
        {
            if (file.Length > 0 && (file.Attributes & TorrentFileAttributes.Padding) == TorrentFileAttributes.None)
            {
                _order.Add((file, string.Join('/', file.Path.SkipLast(1))));
            }
        }

        _order.Sort(
            static (a, b) =>
                string.CompareOrdinal(a.Folder, b.Folder) is not 0 and var folder
                    ? folder
                    : string.CompareOrdinal(a.File.Path[^1], b.File.Path[^1])
        );
        for (var i = 0; i < _order.Count; i++)
        {
            _placeByStart[_order[i].File.Offset] = i;
        }
    }

    /// <summary>A file was opened. True: it continues a row of whole files.</summary>
    public bool Opened(long start)
    {
        return _inRow >= Evidence && _placeByStart.TryGetValue(start, out var place) && ContinuesRow(place);
    }

    /// <summary>A file was read from its first byte to its last. True: there is a row, and this is its last file.</summary>
    public bool ReadWhole(long start)
    {
        if (!_placeByStart.TryGetValue(start, out var place))
        {
            return false;
        }

        if (place != _lastWhole)
        {
            _inRow = ContinuesRow(place) ? _inRow + 1 : 1;
            _lastWhole = place;
        }

        return _inRow >= Evidence;
    }

    /// <summary>Ranges of the torrent that are likely read after this file, the next first, <paramref name="budget"/> bytes in all.</summary>
    public IEnumerable<(long Start, long End)> After(long start, long budget)
    {
        if (!_placeByStart.TryGetValue(start, out var place))
        {
            yield break;
        }

        for (var next = place + 1; next < _order.Count && budget > 0 && SameFolder(next, place); next++)
        {
            var file = _order[next].File;
            var length = Math.Min(file.Length, budget);
            budget -= length;
            yield return (file.Offset, file.Offset + length);
        }
    }

    private bool ContinuesRow(int place)
    {
        return _lastWhole >= 0 && place == _lastWhole + 1 && SameFolder(place, _lastWhole);
    }

    private bool SameFolder(int a, int b)
    {
        return string.Equals(_order[a].Folder, _order[b].Folder, StringComparison.Ordinal);
    }
}
