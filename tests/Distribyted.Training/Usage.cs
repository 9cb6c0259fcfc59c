namespace Distribyted.Training;

/// <summary>What a published daemon did while it was used.</summary>
/// <param name="Compiled">Methods that were compiled meanwhile.</param>
/// <param name="Assemblies">Names of the published assemblies that it had loaded.</param>
internal sealed record Usage(IReadOnlyList<CompiledMethod> Compiled, IReadOnlySet<string> Assemblies)
{
    /// <summary>Methods of files, each once; not those that the running program made, nor those compiled a second time.</summary>
    public IEnumerable<string> Methods =>
        Compiled.Where(static m => m is { IsDynamic: false, IsAgain: false }).Select(static m => m.Text).Distinct(StringComparer.Ordinal);
}
