namespace Distribyted.FileSystem;

/// <summary>The same tree without the means to change it: rights are a type.</summary>
public sealed class ReadOnlyFs : IFileSystem
{
    private readonly IFileSystem _inner;

    /// <summary>A view of <paramref name="inner"/> that can only be read.</summary>
    public ReadOnlyFs(IFileSystem inner)
    {
        _inner = inner;
    }

    /// <inheritdoc/>
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _inner.FindAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _inner.LocateAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _inner.ListAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return _inner.OpenAsync(path, intent, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return _inner.GetSpaceAsync(cancellationToken);
    }
}
