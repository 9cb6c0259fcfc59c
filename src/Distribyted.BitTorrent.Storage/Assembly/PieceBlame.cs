namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>Remembers failed attempts of a piece block by block, so that the verified piece shows which sources sent wrong blocks (smart ban).</summary>
internal sealed class PieceBlame
{
    private const int MaxAttempts = 4; // a peer that takes part in more failures is banned by their number

    private readonly List<(ulong[] Hashes, long[] Sources)> _attempts = [];

    /// <summary>Keeps one failed attempt; both arrays belong to this object from now on.</summary>
    public void Record(ulong[] hashes, long[] sources)
    {
        if (_attempts.Count == MaxAttempts)
        {
            _attempts.RemoveAt(0);
        }

        _attempts.Add((hashes, sources));
    }

    /// <summary>Sources whose blocks differ from the true ones, each once.</summary>
    public IReadOnlyList<long> FindLiars(ReadOnlySpan<ulong> truth)
    {
        var liars = new HashSet<long>();
        foreach (var (hashes, sources) in _attempts)
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                if (hashes[i] != truth[i])
                {
                    liars.Add(sources[i]);
                }
            }
        }

        return [.. liars];
    }
}
