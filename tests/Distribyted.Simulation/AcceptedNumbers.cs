using System.Globalization;

namespace Distribyted.Simulation;

/// <summary>The last accepted numbers, kept beside the simulator: a change that makes them worse shows.</summary>
public sealed class AcceptedNumbers
{
    private const double Tolerance = 0.12; // another seed or another rounding moves a percentile about this much
    private const double Noise = 0.05; // absolute, in the unit of the series

    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);

    /// <summary>Reads lines of "name | percentile | value"; others are ignored.</summary>
    public static AcceptedNumbers Read(IEnumerable<string> lines)
    {
        var accepted = new AcceptedNumbers();
        foreach (var line in lines)
        {
            var parts = line.Split('|', StringSplitOptions.TrimEntries);
            if (parts.Length == 3 && double.TryParse(parts[2], CultureInfo.InvariantCulture, out var value))
            {
                accepted._values[$"{parts[0]}|{parts[1]}"] = value;
            }
        }

        return accepted;
    }

    /// <summary>The lines for the file.</summary>
    public static IEnumerable<string> Write(Measurements measured)
    {
        yield return "# name | percentile | value. Written by `dotnet run --project tests/Distribyted.Simulation -c Release -- --accept`.";
        foreach (var series in measured.All)
        {
            foreach (var percentile in Percentiles)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{series.Name} | {percentile} | {Value(series, percentile):0.####}"
                );
            }
        }
    }

    /// <summary>What became worse than tolerated, in words; empty: nothing.</summary>
    /// <param name="measured">The numbers of now.</param>
    /// <param name="leniency">How many times the usual tolerance, for runs with fewer seeds.</param>
    public IEnumerable<string> Worse(Measurements measured, double leniency = 1)
    {
        foreach (var series in measured.All)
        {
            foreach (var percentile in Percentiles)
            {
                var value = Value(series, percentile);
                if (!_values.TryGetValue($"{series.Name}|{percentile}", out var before))
                {
                    continue;
                }

                var worse = series.MoreIsBetter
                    ? value < (before * (1 - (leniency * Tolerance))) - (leniency * Noise)
                    : value > (before * (1 + (leniency * Tolerance))) + (leniency * Noise);
                if (worse)
                {
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{series.Name} p{percentile}: {value:0.###}, accepted {before:0.###}"
                    );
                }
            }
        }
    }

    private static readonly int[] Percentiles = [50, 90];

    private static double Value(Series series, int percentile)
    {
        return series.Percentile(series.MoreIsBetter ? 1 - (percentile / 100.0) : percentile / 100.0);
    }
}
