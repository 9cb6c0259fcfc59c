using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.Web.Api.V1;

/// <summary>Which bytes of a torrent are verified here. Immutable.</summary>
internal sealed class BytesHere
{
    private readonly List<(long Start, long End)> _ranges = [];

    /// <param name="layout">The pieces.</param>
    /// <param name="map">Where they are.</param>
    public BytesHere(PieceLayout layout, IReadOnlyList<PieceMapRun> map)
    {
        var piece = 0;
        foreach (var run in map)
        {
            if (run.State is PieceMapState.Have or PieceMapState.InMemory)
            {
                var last = piece + run.Count - 1;
                _ranges.Add((layout.StartOf(piece), layout.StartOf(last) + layout.LengthOf(last)));
            }

            piece += run.Count;
        }
    }

    /// <summary>How many bytes of this part of the torrent are here.</summary>
    public long Within(long start, long length)
    {
        // Torrents with tens of thousands of files and runs exist: only the ranges that overlap are looked at.
        var at = _ranges.BinarySearch((start, long.MaxValue));
        var bytes = 0L;
        for (var i = Math.Max(0, (at < 0 ? ~at : at) - 1); i < _ranges.Count && _ranges[i].Start < start + length; i++)
        {
            bytes += Math.Max(0, Math.Min(_ranges[i].End, start + length) - Math.Max(_ranges[i].Start, start));
        }

        return bytes;
    }
}
