namespace Distribyted.Simulation;

/// <summary>All series of a run, in the order in which they were first named.</summary>
public sealed class Measurements
{
    private readonly Dictionary<string, Series> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the table.</summary>
    public List<Series> All { get; } = [];

    /// <summary>Runs each scenario with the seeds from 1 on, as many runs at a time as there are processors. The result does not depend on how many.</summary>
    public static Measurements Of(IEnumerable<KeyValuePair<string, Action<int, Measurements>>> scenarios, int seeds)
    {
        var runs = scenarios.SelectMany(scenario => Enumerable.Range(1, seeds).Select(seed => (scenario.Value, seed))).ToList();
        var measured = new Measurements[runs.Count];
        Parallel.For(
            0,
            runs.Count,
            i =>
            {
                measured[i] = new Measurements();
                runs[i].Value(runs[i].seed, measured[i]);
            }
        );

        var all = new Measurements();
        foreach (var series in measured.SelectMany(one => one.All))
        {
            all.Add(series);
        }

        return all;
    }

    /// <summary>Adds a value to a series.</summary>
    public void Add(string name, double value, bool moreIsBetter = false, string? target = null)
    {
        Named(name, moreIsBetter, target).Add(value);
    }

    /// <summary>A series by name.</summary>
    public Series Of(string name)
    {
        return _byName[name];
    }

    private void Add(Series more)
    {
        var series = Named(more.Name, more.MoreIsBetter, more.Target);
        foreach (var value in more.Values)
        {
            series.Add(value);
        }
    }

    private Series Named(string name, bool moreIsBetter, string? target)
    {
        if (!_byName.TryGetValue(name, out var series))
        {
            series = new Series(name, moreIsBetter, target);
            _byName.Add(name, series);
            All.Add(series);
        }

        return series;
    }
}
