using System.Collections.Immutable;

namespace Distribyted.Archives.Volumes;

/// <summary>Files of one folder that are one archive together.</summary>
/// <param name="Names">Those that are there, in the order of their numbers; at least one. The first stands for the archive; the others are hidden where archives are
/// shown in place of their files.</param>
/// <param name="Missing">The first name that is not there although a later one is; null: no gap is seen. Whether the last ones are missing, only headers say.</param>
/// <param name="Naming">How they are named.</param>
internal sealed record VolumeSet(ImmutableArray<string> Names, string? Missing, VolumeNaming Naming)
{
    /// <summary>The name that stands for the archive.</summary>
    public string Name => Names[0];
}
