namespace Distribyted.BitTorrent.Swarms;

/// <summary>Run-length coding of a piece map.</summary>
internal static class PieceRuns
{
    public static IReadOnlyList<PieceRun> Of(int count, Func<int, PieceStatus> status)
    {
        List<PieceRun> runs = [];
        Encode(count, status, (here, length) => runs.Add(new PieceRun(here, length)));
        return runs;
    }

    public static IReadOnlyList<PieceMapRun> MapOf(int count, Func<int, PieceMapState> state)
    {
        List<PieceMapRun> runs = [];
        Encode(count, state, (here, length) => runs.Add(new PieceMapRun(here, length)));
        return runs;
    }

    private static void Encode<T>(int count, Func<int, T> state, Action<T, int> add)
        where T : struct, Enum
    {
        var length = 0;
        var former = default(T);
        for (var piece = 0; piece < count; piece++)
        {
            var here = state(piece);
            if (length > 0 && !EqualityComparer<T>.Default.Equals(here, former))
            {
                add(former, length);
                length = 0;
            }

            (former, length) = (here, length + 1);
        }

        if (length > 0)
        {
            add(former, length);
        }
    }
}
