namespace Distribyted.Archives.Indexes;

/// <summary>What is known of an archive right now.</summary>
/// <param name="Content">What is in it; null: not known yet, or it cannot be read.</param>
/// <param name="Note">For those who look at its folder while <paramref name="Content"/> is null.</param>
/// <param name="MayCome">Whether what is not known may be known later: it is being fetched, or the swarm failed.</param>
internal readonly record struct IndexLookup(ArchiveContent? Content, string? Note, bool MayCome = false);
