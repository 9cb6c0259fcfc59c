namespace Distribyted.Simulation;

/// <summary>All series of a run, in the order in which they were first named.</summary>
public sealed class Measurements
{
    private readonly Dictionary<string, Series> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the table.</summary>
    public List<Series> All { get; } = [];

    /// <summary>Runs each scenario with the seeds from 1 on, as many at a time as there are processors.</summary>
    public static Measurements Of(IEnumerable<KeyValuePair<string, Action<int, Measurements>>> scenarios, int seeds)
    {
        var all = new Measurements();
        foreach (
            var one in scenarios
                .AsParallel()
                .AsOrdered()
                .Select(scenario =>
                {
                    var measured = new Measurements();
                    for (var seed = 1; seed <= seeds; seed++)
                    {
                        scenario.Value(seed, measured);
                    }

                    return measured;
                })
        )
        {
            all.All.AddRange(one.All);
        }

        foreach (var series in all.All)
        {
            all._byName.Add(series.Name, series);
        }

        return all;
    }

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
