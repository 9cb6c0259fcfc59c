namespace Distribyted.FileSystem;

/// <summary>A file or folder of the tree, as listings show it.</summary>
/// <param name="Name">Last segment of its path; empty for the root.</param>
/// <param name="IsDirectory">Whether it is a folder.</param>
/// <param name="Length">Bytes; 0 for folders.</param>
/// <param name="Created">When it came into the tree; the same after a restart.</param>
/// <param name="Modified">When its content last changed; the same after a restart.</param>
/// <param name="ETag">Opaque and unquoted; strong: equal only for equal bytes (RFC 9110 section 8.8.3).</param>
public sealed record FileEntry(string Name, bool IsDirectory, long Length, DateTimeOffset Created, DateTimeOffset Modified, string ETag);
