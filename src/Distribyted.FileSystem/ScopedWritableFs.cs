using System.Collections.Immutable;

namespace Distribyted.FileSystem;

/// <summary>Only some folders of a tree, and in them everything may be changed. The folders themselves stay where they are.</summary>
public sealed class ScopedWritableFs : IWritableFileSystem
{
    private readonly IWritableFileSystem _inner;
    private readonly PathScope _scope;
    private readonly ScopedFs _view;

    /// <summary>A view of <paramref name="inner"/> with only these folders.</summary>
    public ScopedWritableFs(IWritableFileSystem inner, PathScope scope)
    {
        _inner = inner;
        _scope = scope;
        _view = new ScopedFs(inner, scope);
    }

    /// <inheritdoc/>
    public bool IsInReach(VirtualPath path)
    {
        return _scope.Contains(path) && _inner.IsInReach(path);
    }

    /// <inheritdoc/>
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.FindAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.LocateAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _view.ListAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        return _view.OpenAsync(path, intent, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return _inner.GetSpaceAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(path) ? _inner.MayPutAsync(path, length, cancellationToken) : ValueTask.FromResult(Refusal(path));
    }

    /// <inheritdoc/>
    public Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(path) ? _inner.PutAsync(path, content, cancellationToken) : Task.FromResult(Refusal(path));
    }

    /// <inheritdoc/>
    public Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(path) ? _inner.MakeDirectoryAsync(path, cancellationToken) : Task.FromResult(Refusal(path));
    }

    /// <inheritdoc/>
    public Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(path) ? _inner.DeleteAsync(path, cancellationToken) : Task.FromResult(Refusal(path));
    }

    /// <inheritdoc/>
    public Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(from) && _scope.IsBelow(to)
            ? _inner.MoveAsync(from, to, overwrite, cancellationToken)
            : Task.FromResult(Refusal(_scope.IsBelow(from) ? to : from));
    }

    /// <inheritdoc/>
    public Task<WriteResult> CopyAsync(VirtualPath from, VirtualPath to, bool overwrite, bool members, CancellationToken cancellationToken)
    {
        return _scope.Contains(from) && _scope.IsBelow(to)
            ? _inner.CopyAsync(from, to, overwrite, members, cancellationToken)
            : Task.FromResult(Refusal(_scope.IsBelow(to) ? from : to));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return _scope.Contains(path)
            ? _inner.GetPropertiesAsync(path, cancellationToken)
            : ValueTask.FromResult<IReadOnlyList<DeadProperty>>([]);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    )
    {
        var place = _scope.Locate(folder);
        if (place == ScopePlace.Outside)
        {
            return ImmutableDictionary<string, IReadOnlyList<DeadProperty>>.Empty;
        }

        var all = await _inner.ListPropertiesAsync(folder, cancellationToken);
        return place == ScopePlace.Inside || all.Count == 0
            ? all
            : all.Where(member => _scope.Contains(folder.Append(member.Key))).ToImmutableDictionary();
    }

    /// <inheritdoc/>
    public Task<WriteResult> SetPropertiesAsync(VirtualPath path, IReadOnlyList<DeadProperty> changes, CancellationToken cancellationToken)
    {
        return _scope.IsBelow(path) ? _inner.SetPropertiesAsync(path, changes, cancellationToken) : Task.FromResult(Refusal(path));
    }

    private static WriteResult Refusal(VirtualPath path)
    {
        return new WriteResult(WriteOutcome.Forbidden, $"{path} is outside of the routes that this user may change.");
    }
}
