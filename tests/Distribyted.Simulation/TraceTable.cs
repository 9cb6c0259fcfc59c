using System.Globalization;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.Simulation;

/// <summary>For every wait of a reader: how long it took, when the parts of what came were there, and which peers sent how much until when.</summary>
internal static class TraceTable
{
    /// <summary>Reads the table of <c>/api/trace/INFOHASH</c>.</summary>
    public static IReadOnlyList<TraceEvent> Parse(IEnumerable<string> lines)
    {
        var events = new List<TraceEvent>();
        foreach (var line in lines)
        {
            var cells = line.Split('\t');
            if (cells.Length == 7 && Enum.TryParse<TraceKind>(cells[1], out var kind))
            {
                var numbers = cells.Where((_, i) => i != 1).Select(cell => long.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
                events.Add(new TraceEvent(numbers[0], kind, numbers[1], (int)numbers[2], (int)numbers[3], (int)numbers[4], numbers[5]));
            }
        }

        return events;
    }

    /// <summary>One line for each wait, and one for each peer in it.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<TraceEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Kind != TraceKind.ReaderWaits)
            {
                continue;
            }

            var (start, piece) = (events[i].At, events[i].Piece);
            var wait = events.Skip(i).TakeWhile(item => item is not { Kind: TraceKind.PieceAvailable } || item.Piece != piece).ToList();
            var blocks = wait.Where(item => item.Kind is TraceKind.Received && item.Piece == piece).ToList();
            if (blocks.Count == 0)
            {
                continue;
            }

            var after = blocks.Select(item => (item.At - start) / 1e6).ToList();
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"piece {piece}: {after[^1]:0.00} s; half of it after {after[after.Count / 2]:0.00}, nine tenths after {after[after.Count * 9 / 10]:0.00}; asked again {wait.Count(item => item.Kind == TraceKind.AskedAgain)}, choked {wait.Count(item => item.Kind == TraceKind.Choked)}, left {wait.Count(item => item.Kind == TraceKind.PeerLeft)}"
            );
            foreach (var peer in blocks.GroupBy(item => item.Peer).OrderBy(group => group.Max(item => item.At)))
            {
                var asked = wait.Where(item => item.Kind == TraceKind.Asked && item.Peer == peer.Key).ToList();
                var expected = asked.Count == 0 ? 0 : asked.Average(item => item.Value) / 1e6;
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"    peer {peer.Key, 3}: {peer.Count(), 3} blocks until {(peer.Max(item => item.At) - start) / 1e6:0.00} s; took {peer.Average(item => item.Value) / 1e6:0.00} s each, expected {expected:0.00}"
                );
            }
        }
    }
}
