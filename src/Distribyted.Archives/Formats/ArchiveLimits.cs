namespace Distribyted.Archives.Formats;

/// <summary>What reading the index of one archive may take.</summary>
/// <param name="MaxEntries">Most entries; more are left out and the index says so.</param>
/// <param name="MaxHeaderBytes">Most bytes of headers; beyond it the archive is refused.</param>
/// <param name="Passwords">Tried in order where headers are encrypted.</param>
internal sealed record ArchiveLimits(int MaxEntries, long MaxHeaderBytes, IReadOnlyList<string> Passwords);
