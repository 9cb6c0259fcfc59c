namespace Distribyted.Training;

/// <summary>One line of the list that the runtime writes of what it compiles (<c>DOTNET_JitStdOutFile</c> with <c>DOTNET_JitDisasmSummary=1</c>).</summary>
/// <param name="Text">The method with its types: <c>Space.Type`1[Argument]:Method[Argument](Parameter,Parameter)</c>.</param>
/// <param name="Tier">As what it was compiled: <c>Tier0</c>, <c>Instrumented Tier0</c>, <c>Tier1</c>, <c>FullOpts</c> …</param>
internal sealed record CompiledMethod(string Text, string Tier)
{
    private const string Mark = "JIT compiled ";

    /// <summary>Compiled again, better, because it is called often: what it ran as before was there.</summary>
    public bool IsAgain => Tier.Contains("Tier1", StringComparison.Ordinal);

    /// <summary>Made while the program runs, by reflection or expressions: no file can have it.</summary>
    public bool IsDynamic => Text.StartsWith("(dynamicClass)", StringComparison.Ordinal);

    /// <summary>Reads the list; other lines are passed over.</summary>
    public static IReadOnlyList<CompiledMethod> ReadAll(string path)
    {
        // The runtime has the file open.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        List<CompiledMethod> methods = [];
        while (reader.ReadLine() is { } line)
        {
            if (TryParse(line) is { } method)
            {
                methods.Add(method);
            }
        }

        return methods;
    }

    private static CompiledMethod? TryParse(string line)
    {
        var start = line.IndexOf(Mark, StringComparison.Ordinal);
        var end = line.LastIndexOf(" [", StringComparison.Ordinal);
        if (start < 0 || end < start + Mark.Length)
        {
            return null;
        }

        var tier = line[(end + 2)..];
        var comma = tier.IndexOf(',', StringComparison.Ordinal);
        return new CompiledMethod(line[(start + Mark.Length)..end], comma < 0 ? tier : tier[..comma]);
    }
}
