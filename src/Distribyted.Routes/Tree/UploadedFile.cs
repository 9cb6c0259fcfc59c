using Distribyted.FileSystem;

namespace Distribyted.Routes.Tree;

/// <summary>A small file in memory.</summary>
internal sealed record UploadedFile(FileEntry Entry, byte[] Content, bool IsDesktopFile, IReadOnlyList<DeadProperty> Properties);
