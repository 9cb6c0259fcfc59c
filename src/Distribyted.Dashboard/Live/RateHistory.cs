namespace Distribyted.Dashboard.Live;

/// <summary>The last minutes of rates, a point for each second in which a page was open. Safe for use by many threads.</summary>
/// <param name="read">The rates of now.</param>
internal sealed class RateHistory(Func<RatePoint> read)
{
    /// <summary>Points that are kept.</summary>
    public const int Capacity = 120;

    private readonly Lock _lock = new();
    private readonly Queue<RatePoint> _points = new(Capacity); // guarded by _lock

    /// <summary>Notes the rates of now.</summary>
    public void Note()
    {
        var now = read();
        lock (_lock)
        {
            if (_points.Count == Capacity)
            {
                _points.Dequeue();
            }

            _points.Enqueue(now);
        }
    }

    /// <summary>What is kept, the oldest first.</summary>
    public RatePoint[] Read()
    {
        lock (_lock)
        {
            return [.. _points];
        }
    }
}
