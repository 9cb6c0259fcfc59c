namespace Distribyted.Simulation;

/// <summary>Measured values of one kind over all runs.</summary>
/// <param name="Name">What, with its unit.</param>
/// <param name="MoreIsBetter">Throughput, not time.</param>
/// <param name="Target">What issue 7 asks of the benchmark, for the eye; null: nothing.</param>
public sealed record Series(string Name, bool MoreIsBetter = false, string? Target = null)
{
    private readonly List<double> _values = [];

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>How many values there are.</summary>
    public int Count => _values.Count;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        _values.Add(value);
    }

    /// <summary>The value that this share of all values does not exceed (nearest rank); 0 to 1.</summary>
    public double Percentile(double share)
    {
        var sorted = _values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
