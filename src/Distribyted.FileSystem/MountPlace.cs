namespace Distribyted.FileSystem;

/// <summary>Where a path leads: to a folder of the mount table itself (<paramref name="Node"/>), into a file system, or nowhere.</summary>
internal readonly record struct MountPlace(MountNode? Node, IFileSystem? FileSystem, VirtualPath Inner);
