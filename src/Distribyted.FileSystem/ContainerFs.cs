namespace Distribyted.FileSystem;

/// <summary>A mount table: several file systems as one tree. The longest mount that matches by whole segments answers.</summary>
/// <remarks>Immutable: a change is a new instance, swapped in by its owner with one assignment; a request that has the old one reads on undisturbed.
/// A mounted folder hides a name of the file system it is mounted in, and only that name.</remarks>
public sealed class ContainerFs : IFileSystem
{
    private readonly MountNode _root;
    private readonly Mount[] _mounts;
    private readonly DateTimeOffset _created;

    /// <summary>A tree of these mounts.</summary>
    /// <param name="mounts">Each path once.</param>
    /// <param name="created">Time shown for folders that exist only because something is mounted below them.</param>
    /// <exception cref="ArgumentException">Two mounts have one path.</exception>
    public ContainerFs(IEnumerable<Mount> mounts, DateTimeOffset created)
    {
        _mounts = [.. mounts];
        _created = created;
        _root = MountNode.Build(_mounts);
    }

    /// <inheritdoc/>
    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _root.Resolve(path);
        if (place.Node is { } node)
        {
            return await DescribeAsync(node, place, path.IsRoot, cancellationToken);
        }

        return place.FileSystem is null ? null : await place.FileSystem.FindAsync(place.Inner, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _root.Resolve(path);
        if (place.Node is { } node)
        {
            return new FoundByPath(this, path, await DescribeAsync(node, place, path.IsRoot, cancellationToken));
        }

        return place.FileSystem is null ? null : await place.FileSystem.LocateAsync(place.Inner, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        var place = _root.Resolve(path);
        var below = place.FileSystem is null ? null : await place.FileSystem.ListAsync(place.Inner, cancellationToken);
        if (place.Node is not { Count: > 0 } node)
        {
            return below ?? (place.Node is null ? null : DirectoryListing.Empty);
        }

        var entries = new List<FileEntry>(node.Count + (below?.Count ?? 0));
        foreach (var child in node.Children)
        {
            var inner = place.FileSystem is null ? default : place.Inner.Append(child.Name);
            var found = child.FileSystem is null
                ? new MountPlace(child, place.FileSystem, inner)
                : new MountPlace(child, child.FileSystem, VirtualPath.Root);
            entries.Add(await DescribeAsync(child, found, isRoot: false, cancellationToken));
        }

        for (var i = 0; i < (below?.Count ?? 0); i++)
        {
            if (node.Child(below![i].Name) is null)
            {
                entries.Add(below[i]);
            }
        }

        return DirectoryListing.From(entries, below?.Note);
    }

    /// <inheritdoc/>
    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        var place = _root.Resolve(path);
        return place.Node is not null || place.FileSystem is null
            ? ValueTask.FromResult<FileReader?>(null)
            : place.FileSystem.OpenAsync(place.Inner, intent, cancellationToken);
    }

    /// <summary>Space of all mounts: what is used adds up, what is free is the most that any has (they share a disk).</summary>
    public async ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        var used = 0L;
        var available = 0L;
        foreach (var mount in _mounts)
        {
            var space = await mount.FileSystem.GetSpaceAsync(cancellationToken);
            used = space.Used > long.MaxValue - used ? long.MaxValue : used + space.Used;
            available = Math.Max(available, space.Available);
        }

        return new Space(used, available);
    }

    // A mounted root gives its own entry, under the name it has here; a folder in between has the times of the folder that it covers.
    private async ValueTask<FileEntry> DescribeAsync(MountNode node, MountPlace place, bool isRoot, CancellationToken cancellationToken)
    {
        var name = isRoot ? "" : node.Name;
        var entry = place.FileSystem is null ? null : await place.FileSystem.FindAsync(place.Inner, cancellationToken);
        if (entry is not { IsDirectory: true })
        {
            return new FileEntry(name, IsDirectory: true, 0, _created, _created, "");
        }

        return string.Equals(entry.Name, name, StringComparison.Ordinal) ? entry : entry with { Name = name };
    }
}
