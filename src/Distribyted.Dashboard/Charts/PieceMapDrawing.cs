using System.Globalization;
using System.Text;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Dashboard.Charts;

/// <summary>The map of a torrent's pieces as SVG paths, one for each state. Pure.</summary>
internal sealed class PieceMapDrawing
{
    /// <summary>Width of the drawing, in units of its view box.</summary>
    public const int Width = 1000;

    private const int Height = 40;
    private const int MostRuns = 1000; // more are thinner than a pixel

    private readonly Dictionary<PieceStateView, string> _paths = [];
    private readonly Dictionary<PieceStateView, int> _counts = [];

    /// <param name="map">Where the pieces are.</param>
    public PieceMapDrawing(PieceMapView map)
    {
        PieceCount = map.PieceCount;
        foreach (var run in map.Runs)
        {
            _counts[run.State] = _counts.GetValueOrDefault(run.State) + run.Count;
        }

        var texts = new Dictionary<PieceStateView, StringBuilder>();
        foreach (var (state, start, end) in Spans(map))
        {
            if (state == PieceStateView.Absent)
            {
                continue; // the background
            }

            if (!texts.TryGetValue(state, out var text))
            {
                texts.Add(state, text = new StringBuilder());
            }

            text.Append(CultureInfo.InvariantCulture, $"M{start:0.##} 0H{end:0.##}V{Height}H{start:0.##}Z");
        }

        foreach (var (state, text) in texts)
        {
            _paths.Add(state, text.ToString());
        }
    }

    public int PieceCount { get; }

    /// <summary>All pieces of this state; empty: there are none.</summary>
    public string Path(PieceStateView state)
    {
        return _paths.GetValueOrDefault(state, "");
    }

    /// <summary>How many pieces are in this state.</summary>
    public int Count(PieceStateView state)
    {
        return _counts.GetValueOrDefault(state);
    }

    /// <summary>Where a piece begins; the number of pieces is the right edge.</summary>
    public double X(double piece)
    {
        return PieceCount == 0 ? 0 : Width * piece / PieceCount;
    }

    private IEnumerable<(PieceStateView State, double Start, double End)> Spans(PieceMapView map)
    {
        return map.Runs.Count <= MostRuns ? Exact(map) : Columns(map);
    }

    private IEnumerable<(PieceStateView State, double Start, double End)> Exact(PieceMapView map)
    {
        var piece = 0;
        foreach (var run in map.Runs)
        {
            yield return (run.State, X(piece), X(piece + run.Count));
            piece += run.Count;
        }
    }

    // Each column has the state of most of its pieces; neighbours of one state are one span.
    private static IEnumerable<(PieceStateView State, double Start, double End)> Columns(PieceMapView map)
    {
        var states = new int[Width, 5];
        var piece = 0;
        foreach (var run in map.Runs)
        {
            for (var i = 0; i < run.Count; i++, piece++)
            {
                states[(int)((long)piece * Width / map.PieceCount), (int)run.State]++;
            }
        }

        var start = 0;
        var former = Most(states, 0);
        for (var column = 1; column <= Width; column++)
        {
            PieceStateView? next = column == Width ? null : Most(states, column);
            if (next != former)
            {
                yield return (former, start, column);
                (start, former) = (column, next ?? former);
            }
        }
    }

    private static PieceStateView Most(int[,] states, int column)
    {
        var most = PieceStateView.Absent;
        foreach (var state in Enum.GetValues<PieceStateView>())
        {
            if (states[column, (int)state] > states[column, (int)most])
            {
                most = state;
            }
        }

        return most;
    }
}
