using System.Collections.Concurrent;
using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>Notes every call that makes another tree resolve a path.</summary>
public sealed class ResolutionCounter(IFileSystem inner) : IFileSystem
{
    private readonly ConcurrentQueue<string> _calls = [];

    /// <summary>The calls so far, in order: <c>locate /a</c>, <c>find /a</c>, <c>list /a</c>, <c>open /a</c>.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Runs between look-up and opening.</summary>
    public Func<Task>? Located { get; set; }

    /// <inheritdoc/>
    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        _calls.Enqueue("find " + path);
        return inner.FindAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        _calls.Enqueue("locate " + path);
        var found = await inner.LocateAsync(path, cancellationToken);
        if (Located is not null)
        {
            await Located();
        }

        return found;
    }

    /// <inheritdoc/>
    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        _calls.Enqueue("list " + path);
        return inner.ListAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        _calls.Enqueue("open " + path);
        return inner.OpenAsync(path, intent, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return inner.GetSpaceAsync(cancellationToken);
    }
}
