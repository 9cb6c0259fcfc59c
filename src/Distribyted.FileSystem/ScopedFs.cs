namespace Distribyted.FileSystem;

/// <summary>Some folders of another tree, or all of it, for reading only: what is outside does not exist. For users who see some routes, and for those who may not write.</summary>
/// <remarks>Folders on the way to an allowed one are shown with nothing else in them. <see cref="ScopedWritableFs"/> can be changed too.</remarks>
public sealed class ScopedFs : IFileSystem
{
    private readonly IFileSystem _inner;
    private readonly PathScope _scope;

    /// <summary>A view of <paramref name="inner"/> with only these folders.</summary>
    public ScopedFs(IFileSystem inner, PathScope scope)
    {
        _inner = inner;
        _scope = scope;
    }

    /// <inheritdoc/>
    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _scope.Locate(path);
        if (place == ScopePlace.Outside)
        {
            return null;
        }

        var entry = await _inner.FindAsync(path, cancellationToken);
        return place == ScopePlace.OnTheWay && entry is { IsDirectory: false } ? null : entry;
    }

    /// <inheritdoc/>
    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _scope.Locate(path);
        if (place == ScopePlace.Outside)
        {
            return null;
        }

        var found = await _inner.LocateAsync(path, cancellationToken);
        return place == ScopePlace.OnTheWay && found is { Entry.IsDirectory: false } ? null : found;
    }

    /// <inheritdoc/>
    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _scope.Locate(path);
        if (place == ScopePlace.Outside)
        {
            return null;
        }

        var listing = await _inner.ListAsync(path, cancellationToken);
        if (listing is null || place == ScopePlace.Inside)
        {
            return listing;
        }

        var visible = new List<FileEntry>();
        for (var i = 0; i < listing.Count; i++)
        {
            var entry = listing[i];
            var child = _scope.Locate(path.Append(entry.Name));
            if (child == ScopePlace.Inside || (child == ScopePlace.OnTheWay && entry.IsDirectory))
            {
                visible.Add(entry);
            }
        }

        return DirectoryListing.From(visible); // the note may speak of what is hidden
    }

    /// <inheritdoc/>
    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return _scope.Contains(path) ? _inner.OpenAsync(path, intent, cancellationToken) : ValueTask.FromResult<FileReader?>(null);
    }

    /// <inheritdoc/>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return _inner.GetSpaceAsync(cancellationToken);
    }
}
