using Distribyted.Archives.Indexes;
using Distribyted.Archives.Options;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A path that is the folder of an archive or lies in it.</summary>
/// <param name="Archive">The archive.</param>
/// <param name="Folder">Its folder, as listings show it.</param>
/// <param name="Inner">The path in the archive; the root: the folder itself.</param>
/// <param name="Mode">How it looks.</param>
internal sealed record ArchivePlace(ArchiveFile Archive, FileEntry Folder, VirtualPath Inner, ArchiveMode Mode);
