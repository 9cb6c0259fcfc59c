namespace Distribyted.FileSystem;

/// <summary>What is at a path, together with the way to open it without resolving the path again. Derive from it.</summary>
/// <param name="entry">The file or folder.</param>
public abstract class FoundEntry(FileEntry entry)
{
    /// <summary>The file or folder as it was when it was found.</summary>
    public FileEntry Entry { get; } = entry;

    /// <summary>Opens the file; null when it is a folder or was removed meanwhile. The caller disposes the reader, whose
    /// <see cref="FileReader.Entry"/> differs from <see cref="Entry"/> when the file was replaced meanwhile.</summary>
    /// <exception cref="FileSystemException">It cannot be opened, or was removed meanwhile.</exception>
    public abstract ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken);
}
