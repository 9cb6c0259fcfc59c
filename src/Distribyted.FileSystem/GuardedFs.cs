using System.Collections.Immutable;

namespace Distribyted.FileSystem;

/// <summary>A writable tree that is read through a view and whose writes go to the tree below, unless they are refused. Derive from it and say what is refused.</summary>
public abstract class GuardedFs : IWritableFileSystem
{
    private readonly IFileSystem _view;
    private readonly IWritableFileSystem _below;

    /// <summary>Reads go to <paramref name="view"/>, writes to <paramref name="below"/>.</summary>
    protected GuardedFs(IFileSystem view, IWritableFileSystem below)
    {
        _view = view;
        _below = below;
    }

    /// <inheritdoc/>
    public virtual bool IsInReach(VirtualPath path)
    {
        return _below.IsInReach(path);
    }

    /// <inheritdoc/>
    public virtual ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.FindAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.LocateAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.ListAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return _view.OpenAsync(path, intent, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return _below.GetSpaceAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await _below.MayPutAsync(path, length, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await _below.PutAsync(path, content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await _below.MakeDirectoryAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual async Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await RefusalAsync(path, cancellationToken) ?? await _below.DeleteAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual async Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        return await RefusalAsync(from, cancellationToken)
            ?? await RefusalAsync(to, cancellationToken)
            ?? await _below.MoveAsync(from, to, overwrite, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual async Task<WriteResult> CopyAsync(
        VirtualPath from,
        VirtualPath to,
        bool overwrite,
        bool members,
        CancellationToken cancellationToken
    )
    {
        return await RefusalAsync(to, cancellationToken)
            ?? await ReadRefusalAsync(from, cancellationToken)
            ?? await _below.CopyAsync(from, to, overwrite, members, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return await ReadRefusalAsync(path, cancellationToken) is null ? await _below.GetPropertiesAsync(path, cancellationToken) : [];
    }

    /// <inheritdoc/>
    public virtual async ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        return await ReadRefusalAsync(folder, cancellationToken) is null
            ? await _below.ListPropertiesAsync(folder, cancellationToken)
            : ImmutableDictionary<string, IReadOnlyList<DeadProperty>>.Empty;
    }

    /// <inheritdoc/>
    public async Task<WriteResult> SetPropertiesAsync(
        VirtualPath path,
        IReadOnlyList<DeadProperty> changes,
        CancellationToken cancellationToken
    )
    {
        return await RefusalAsync(path, cancellationToken) ?? await _below.SetPropertiesAsync(path, changes, cancellationToken);
    }

    /// <summary>Why nothing may be written at a path; null: the tree below decides.</summary>
    protected abstract ValueTask<WriteResult?> RefusalAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>Why a path of the tree below may not be copied, nor its properties be read; null: it may.</summary>
    protected virtual ValueTask<WriteResult?> ReadRefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return RefusalAsync(path, cancellationToken);
    }
}
