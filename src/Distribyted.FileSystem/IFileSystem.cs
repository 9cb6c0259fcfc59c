namespace Distribyted.FileSystem;

/// <summary>A tree of files that can be listed and read. Safe for use by many requests at once.</summary>
/// <remarks>Nothing here waits for the swarm except <see cref="FileReader.ReadAsync"/>: listings come from memory or the local disk.</remarks>
public interface IFileSystem
{
    /// <summary>Looks a path up; null when nothing is there.</summary>
    ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>Looks a path up for a read that may follow; null when nothing is there. Trees that can open what they found without resolving the path a
    /// second time override it.</summary>
    async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await FindAsync(path, cancellationToken) is { } entry ? new FoundByPath(this, path, entry) : null;
    }

    /// <summary>Lists a folder; null when it is not there or not a folder.</summary>
    ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>Opens a file; null when it is not there or is a folder. The caller disposes the reader.</summary>
    ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken);

    /// <summary>What is used and what is free in the tree.</summary>
    ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken);
}
