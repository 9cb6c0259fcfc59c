namespace Distribyted.BitTorrent.Swarms;

/// <summary>Run-length coding of a piece map.</summary>
internal static class PieceRuns
{
    public static IReadOnlyList<PieceRun> Of(int count, Func<int, PieceStatus> status)
    {
        List<PieceRun> runs = [];
        for (var piece = 0; piece < count; piece++)
        {
            var here = status(piece);
            if (runs.Count > 0 && runs[^1].Status == here)
            {
                runs[^1] = new PieceRun(here, runs[^1].Count + 1);
            }
            else
            {
                runs.Add(new PieceRun(here, 1));
            }
        }

        return runs;
    }
}
