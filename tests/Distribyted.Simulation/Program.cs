using System.Diagnostics;
using System.Globalization;
using Distribyted.Simulation;

int? asked = null;
var accept = false;
var swarms = false;
var films = false;
var only = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seeds":
            asked = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--table":
            foreach (var line in TraceTable.Of(TraceTable.Parse(File.ReadLines(args[++i]))))
            {
                Console.WriteLine(line);
            }

            return 0;
        case "--accept":
            accept = true;
            break;
        case "--films":
            films = true;
            break;
        case "--swarms":
            swarms = true;
            break;
        default:
            only.Add(args[i]);
            break;
    }
}

var seeds =
    asked
    ?? (
        swarms ? 200
        : films ? 50
        : 5
    );
var file = swarms ? "accepted-swarms.txt" : "accepted.txt";
var path = Path.Combine(AppContext.BaseDirectory, file);
var watch = Stopwatch.StartNew();
var all =
    swarms ? Scenarios.Swarms
    : films ? Scenarios.Films
    : Scenarios.All;
var measured = Measurements.Of(all.Where(scenario => only.Count == 0 || only.Contains(scenario.Key, StringComparer.Ordinal)), seeds);

Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{"", -46} {"n", 5} {"p50", 8} {"p90", 8} {"p95", 8} {"p99", 8} {"max", 8}  asked")
);
foreach (var series in measured.All)
{
    var p = new[] { 0.5, 0.9, 0.95, 0.99, 1 }.Select(share => series.Percentile(series.MoreIsBetter ? 1 - share : share)).ToArray();
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{series.Name, -46} {series.Count, 5} {p[0], 8:0.00} {p[1], 8:0.00} {p[2], 8:0.00} {p[3], 8:0.00} {p[4], 8:0.00}  {series.Target}"
        )
    );
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0.0} s"));
if (films)
{
    return 0;
}

if (accept)
{
    File.WriteAllLines(
        Path.Combine(Environment.CurrentDirectory, "tests/Distribyted.Simulation", file),
        AcceptedNumbers.Write(measured, swarms ? AcceptedNumbers.OfMany : AcceptedNumbers.OfFew)
    );
    return 0;
}

var lines = File.Exists(path) ? File.ReadLines(path) : [];
var worse = (swarms ? AcceptedNumbers.ReadOfMany(lines) : AcceptedNumbers.Read(lines)).Worse(measured).ToList();
foreach (var line in worse)
{
    Console.WriteLine($"WORSE  {line}");
}

return worse.Count == 0 ? 0 : 1;
