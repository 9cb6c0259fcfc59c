using Distribyted.Configuration;
using Distribyted.Hosting;

namespace Distribyted.Commands;

/// <summary><c>check</c>: every mistake at once, else what is in force and who said so. Starts nothing.</summary>
internal static class CheckCommand
{
    public static async Task<int> RunAsync(string? config, IReadOnlyList<string> flags, bool fix)
    {
        if (fix)
        {
            await FixAsync(config, flags);
        }

        var configured = ConfigurationReader.Read(config, flags, Environment.GetEnvironmentVariables(), mayWrite: false);
        if (Unicode.Warning is { } missing)
        {
            await Console.Error.WriteLineAsync("distribyted: " + missing);
        }

        if (configured.Report.Warnings.Count > 0)
        {
            await Console.Error.WriteAsync("Warnings:\n" + ConfigurationReport.Lines(configured.Report.Warnings));
        }

        if (configured.Report.HasMistakes)
        {
            await Console.Error.WriteAsync(configured.Report.ToString());
            return ConfigurationReport.ExitCode;
        }

        if (configured.File.Note is { } note)
        {
            Console.Out.WriteLine(note);
        }

        var keys = Keys.All.Where(k => !k.IsAlias || configured.Origins.ContainsKey(k.Path)).ToArray();
        var values = keys.Select(k => k.Show(configured.Settings)).ToArray();
        var (keyWidth, valueWidth) = (keys.Max(k => k.Path.Length) + 2, Math.Min(40, values.Max(v => v.Length)) + 2);
        for (var i = 0; i < keys.Length; i++)
        {
            Console.Out.WriteLine($"{keys[i].Path.PadRight(keyWidth)}{values[i].PadRight(valueWidth)}{configured.OriginOf(keys[i].Path)}");
        }

        return 0;
    }

    private static async Task FixAsync(string? config, IReadOnlyList<string> flags)
    {
        var configured = ConfigurationReader.Read(config, flags, Environment.GetEnvironmentVariables(), mayWrite: false);
        var name = configured.File.Name;
        if (configured.File.Bytes is null || !File.Exists(name))
        {
            return;
        }

        var mistakes = configured.Report.Mistakes.Where(m => m.Origin.Kind == SourceKind.File);
        var (text, lines) = UnknownKeys.CommentOut(await File.ReadAllTextAsync(name), mistakes);
        if (lines.Count == 0)
        {
            Console.Out.WriteLine($"{name}: there is nothing to comment out.");
            return;
        }

        File.Copy(name, name + ".bak", overwrite: true);
        await File.WriteAllTextAsync(name, text);
        Console.Out.WriteLine($"{name}: commented out line {string.Join(", ", lines)}; the former file is {name}.bak.");
    }
}
