using System.Collections.Immutable;

namespace Distribyted.FileSystem;

/// <summary>Only some folders of a tree, and in them everything may be changed. The folders themselves stay where they are.</summary>
public sealed class ScopedWritableFs : GuardedFs
{
    private readonly IWritableFileSystem _inner;
    private readonly PathScope _scope;

    /// <summary>A view of <paramref name="inner"/> with only these folders.</summary>
    public ScopedWritableFs(IWritableFileSystem inner, PathScope scope)
        : base(new ScopedFs(inner, scope), inner)
    {
        _inner = inner;
        _scope = scope;
    }

    /// <inheritdoc/>
    public override bool IsInReach(VirtualPath path)
    {
        return _scope.Contains(path) && _inner.IsInReach(path);
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
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
    protected override ValueTask<WriteResult?> RefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<WriteResult?>(_scope.IsBelow(path) ? null : Refusal(path));
    }

    /// <inheritdoc/>
    protected override ValueTask<WriteResult?> ReadRefusalAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<WriteResult?>(_scope.Contains(path) ? null : Refusal(path));
    }

    private static WriteResult Refusal(VirtualPath path)
    {
        return new WriteResult(WriteOutcome.Forbidden, $"{path} is outside of the routes that this user may change.");
    }
}
