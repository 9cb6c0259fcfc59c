using System.Globalization;
using Distribyted.Training;

// Training FOLDER PROFILE: uses the published daemon in FOLDER as its users do, and writes what it had to compile meanwhile into PROFILE, beside what
// that named before. The next dotnet publish compiles it beforehand. A second time it uses a daemon that compiles everything, and writes what
// was called at all (used.mibc) and which assemblies were loaded (assemblies.txt) beside PROFILE.
// Training --list FOLDER PROFILE: only writes PROFILE anew from its list, without methods that no longer exist. For lists in which names were changed by hand.
var onlyList = args is ["--list", ..];
if (args.Length != (onlyList ? 3 : 2))
{
    await Console.Error.WriteLineAsync("usage: Distribyted.Training [--list] FOLDER PROFILE");
    return 64;
}

var (published, profile) = (args[^2], args[^1]);
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(15));
var loaded = Path.Combine(Path.GetDirectoryName(profile) ?? "", "assemblies.txt");
var missing = onlyList ? null : await UseAsync(published, CodeUse.RunCompiled, limit.Token);
IReadOnlySet<string> known = missing?.Assemblies ?? (await File.ReadAllLinesAsync(loaded, limit.Token)).ToHashSet(StringComparer.Ordinal);
var list = profile + ".txt";
var listed = File.Exists(list) ? await File.ReadAllLinesAsync(list, limit.Token) : [];
var kept = Write(profile, listed.Union(missing?.Methods ?? [], StringComparer.Ordinal), published, known, areUsed: false);
await File.WriteAllLinesAsync(list, kept, limit.Token);
Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{missing?.Compiled.Count} methods were compiled, {kept.Count} are in the profile.")
);
if (missing is null)
{
    return 0;
}

var used = await UseAsync(published, CodeUse.CompileAll, limit.Token);
var names = missing.Assemblies.Union(used.Assemblies, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
var called = Write(
    Path.Combine(Path.GetDirectoryName(profile) ?? "", "used.mibc"),
    used.Methods,
    published,
    names.ToHashSet(StringComparer.Ordinal),
    areUsed: true
);
await File.WriteAllLinesAsync(loaded, names, limit.Token);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{called.Count} methods were called, of {names.Length} assemblies."));
return 0;

static async Task<Usage> UseAsync(string published, CodeUse code, CancellationToken cancellationToken)
{
    await using var swarm = await FirstFilm.StartSwarmAsync(cancellationToken);
    return await new UsageScenario(published, swarm, code).RunAsync(cancellationToken);
}

static List<string> Write(string path, IEnumerable<string> methods, string published, IReadOnlySet<string> loaded, bool areUsed)
{
    using var assemblies = new Assemblies(published, loaded);
    var writer = new ProfileWriter(assemblies, areUsed);
    List<string> written = [.. methods.Order(StringComparer.Ordinal).Where(method => writer.TryAdd(MethodName.Parse(method)))];
    writer.Write(path);
    return written;
}
