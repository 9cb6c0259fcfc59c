namespace Distribyted.Simulation;

/// <summary>All series of a run, in the order in which they were first named.</summary>
public sealed class Measurements
{
    private readonly Dictionary<string, Series> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the table.</summary>
    public List<Series> All { get; } = [];

    /// <summary>Adds a value to a series.</summary>
    public void Add(string name, double value, bool moreIsBetter = false, string? target = null)
    {
        if (!_byName.TryGetValue(name, out var series))
        {
            series = new Series(name, moreIsBetter, target);
            _byName.Add(name, series);
            All.Add(series);
        }

        series.Add(value);
    }

    /// <summary>A series by name.</summary>
    public Series Of(string name)
    {
        return _byName[name];
    }
}
