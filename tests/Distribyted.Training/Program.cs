using System.Globalization;
using Distribyted.Training;

// Training FOLDER PROFILE: uses the published daemon in FOLDER as its users do, and writes what it had to compile meanwhile into PROFILE, beside what
// that named before. The next dotnet publish compiles it beforehand.
// Training --list FOLDER PROFILE: only writes PROFILE anew from its list, without methods that no longer exist. For lists in which names were changed by hand.
var onlyList = args is ["--list", ..];
if (args.Length != (onlyList ? 3 : 2))
{
    await Console.Error.WriteLineAsync("usage: Distribyted.Training [--list] FOLDER PROFILE");
    return 64;
}

var (published, profile) = (args[^2], args[^1]);
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
var compiled = onlyList ? [] : await UseAsync(published, limit.Token);
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

static async Task<IReadOnlyList<CompiledMethod>> UseAsync(string published, CancellationToken cancellationToken)
{
    await using var swarm = await FirstFilm.StartSwarmAsync(cancellationToken);
    return await new UsageScenario(published, swarm).RunAsync(cancellationToken);
}
