using System.Collections.Immutable;

namespace Distribyted.Archives.Formats;

/// <summary>What is in an archive, in the order of the archive, before names are cleaned.</summary>
/// <param name="Entries">Files and folders. Links, devices and other special entries are left out.</param>
/// <param name="IsTruncated">Whether there are more entries than the limit allows.</param>
/// <param name="IsSolid">Whether entries can only be decompressed one after the other.</param>
internal sealed record ArchiveIndex(ImmutableArray<ArchiveEntry> Entries, bool IsTruncated, bool IsSolid);
