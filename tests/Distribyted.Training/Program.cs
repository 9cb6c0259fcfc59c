using System.Globalization;
using Distribyted.Training;

// Training FOLDER PROFILE: uses the published daemon in FOLDER for an evening, and writes what it had to compile meanwhile into PROFILE, beside what
// that named before. The next dotnet publish compiles it beforehand.
if (args.Length != 2)
{
    await Console.Error.WriteLineAsync("usage: Distribyted.Training FOLDER PROFILE");
    return 64;
}

var (published, profile) = (args[0], args[1]);
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
await using var swarm = await FirstFilm.StartSwarmAsync(limit.Token);
var compiled = await new Evening(published, swarm).PlayAsync(limit.Token);
var list = profile + ".txt";
var known = File.Exists(list) ? await File.ReadAllLinesAsync(list, limit.Token) : [];
var wanted = compiled.Where(static m => m is { IsDynamic: false, IsAgain: false }).Select(static m => m.Text);

using var assemblies = new Assemblies(published);
var writer = new ProfileWriter(assemblies);
List<string> kept = [];
foreach (var method in known.Concat(wanted).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
{
    if (writer.TryAdd(MethodName.Parse(method)))
    {
        kept.Add(method);
    }
}

writer.Write(profile);
await File.WriteAllLinesAsync(list, kept, limit.Token);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{compiled.Count} methods were compiled, {kept.Count} are in the profile."));
return 0;
