using System.Globalization;

namespace Distribyted.Simulation;

/// <summary>The last accepted numbers, kept beside the simulator: a change that makes them worse shows.</summary>
public sealed class AcceptedNumbers
{
    private const double Noise = 0.05; // absolute, in the unit of the series

    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly double _tolerance;
    private readonly double _noise;

    private AcceptedNumbers(double tolerance, double noise)
    {
        _tolerance = tolerance;
        _noise = noise;
    }

    /// <summary>Reads lines of "name | percentile | value"; others are ignored. Of few runs: another rounding moves a percentile by about 12 %.</summary>
    public static AcceptedNumbers Read(IEnumerable<string> lines)
    {
        return Read(lines, new AcceptedNumbers(0.12, Noise));
    }

    /// <summary>The same for two hundred runs: what is 5 % worse is worse.</summary>
    public static AcceptedNumbers ReadOfMany(IEnumerable<string> lines)
    {
        return Read(lines, new AcceptedNumbers(0.05, Noise / 10));
    }

    private static AcceptedNumbers Read(IEnumerable<string> lines, AcceptedNumbers accepted)
    {
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
    public static IEnumerable<string> Write(Measurements measured, IReadOnlyList<int> percentiles)
    {
        yield return "# name | percentile | value. Written by `dotnet run --project tests/Distribyted.Simulation -c Release -- --accept`, with --swarms where it is named so.";
        foreach (var series in measured.All)
        {
            foreach (var percentile in percentiles)
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
            foreach (var percentile in OfMany)
            {
                var value = Value(series, percentile);
                if (!_values.TryGetValue($"{series.Name}|{percentile}", out var before))
                {
                    continue;
                }

                var worse = series.MoreIsBetter
                    ? value < (before * (1 - (leniency * _tolerance))) - (leniency * _noise)
                    : value > (before * (1 + (leniency * _tolerance))) + (leniency * _noise);
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

    /// <summary>Percentiles that are accepted of few runs.</summary>
    public static IReadOnlyList<int> OfFew { get; } = [50, 90];

    /// <summary>Percentiles that are accepted of two hundred runs.</summary>
    public static IReadOnlyList<int> OfMany { get; } = [50, 90, 95, 99];

    private static double Value(Series series, int percentile)
    {
        return series.Percentile(series.MoreIsBetter ? 1 - (percentile / 100.0) : percentile / 100.0);
    }
}
