namespace Distribyted.FileSystem;

/// <summary>A file system mounted in another.</summary>
/// <param name="Path">Where it appears; <c>/a/b</c> also makes the folder <c>/a</c>. The root is allowed.</param>
/// <param name="FileSystem">Its root becomes the folder at <paramref name="Path"/>.</param>
public readonly record struct Mount(VirtualPath Path, IFileSystem FileSystem);
