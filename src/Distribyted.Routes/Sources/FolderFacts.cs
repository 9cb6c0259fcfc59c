namespace Distribyted.Routes.Sources;

/// <summary>What is known of a watched folder besides the torrents that it names.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Extent">Which disks it is made of and what of it may not be read (see <see cref="FolderExtent"/>).</param>
/// <param name="IsEmpty">There is nothing in it: no file and no folder.</param>
internal sealed record FolderFacts(string Path, string Extent, bool IsEmpty);
