using Distribyted.Archives.Content;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Naming;
using Distribyted.Archives.Options;
using Distribyted.Archives.Spools;
using Distribyted.Archives.Volumes;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A tree in which archives are also folders. What lies in no archive is answered by the tree below as it is.</summary>
/// <remarks>Listing the folder that holds an archive reads nothing of it: only its name counts. Archives in archives are the same class over the content of
/// the outer one.</remarks>
internal sealed class ArchiveFs(
    IFileSystem below,
    ArchiveIndexes indexes,
    SpoolStore spools,
    Func<VirtualPath, ArchiveMode> modeOf,
    int depth,
    int level = 0
) : IFileSystem
{
    public async ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (await ResolveAsync(path, cancellationToken) is not { } place)
        {
            return await below.FindAsync(path, cancellationToken);
        }

        if (place.Inner.IsRoot)
        {
            return place.Folder;
        }

        var known = await indexes.LookAsync(place.Archive, level, cancellationToken);
        return known.Content is { } content
            ? await Inside(place, content).FindAsync(place.Inner, cancellationToken)
            : Unknown<FileEntry>(place, known);
    }

    /// <summary>As everywhere, but what is in an archive is waited for: a read follows.</summary>
    public async ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (await ResolveAsync(path, cancellationToken) is not { } place)
        {
            return await below.LocateAsync(path, cancellationToken);
        }

        if (place.Inner.IsRoot)
        {
            return new FoundFolder(place.Folder);
        }

        var content = await indexes.WaitAsync(place.Archive, level, cancellationToken);
        return await Inside(place, content).LocateAsync(place.Inner, cancellationToken);
    }

    public async ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        if (await ResolveAsync(path, cancellationToken) is not { } place)
        {
            return await below.ListAsync(path, cancellationToken) is { } listing ? WithArchives(listing, modeOf(path)) : null;
        }

        var known = await indexes.LookAsync(place.Archive, level, cancellationToken);
        if (known.Content is { } content)
        {
            return await Inside(place, content).ListAsync(place.Inner, cancellationToken);
        }

        return place.Inner.IsRoot ? DirectoryListing.From([], known.Note) : Unknown<DirectoryListing>(place, known);
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        if (await ResolveAsync(path, cancellationToken) is not { } place)
        {
            return await below.OpenAsync(path, intent, cancellationToken);
        }

        if (place.Inner.IsRoot)
        {
            return null;
        }

        var content = await indexes.WaitAsync(place.Archive, level, cancellationToken);
        return await Inside(place, content).OpenAsync(place.Inner, intent, cancellationToken);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return below.GetSpaceAsync(cancellationToken);
    }

    /// <summary>Where a path lies; null: in no archive.</summary>
    public async ValueTask<ArchivePlace?> ResolveAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        for (var end = NextCandidate(path, 0); end > 0; end = NextCandidate(path, end))
        {
            var folder = VirtualPath.Parse(path.Value[..end]);
            var mode = modeOf(folder.Parent);
            if (mode == ArchiveMode.Off || (mode == ArchiveMode.Beside) != IsMarked(folder.Name))
            {
                continue;
            }

            var file = folder;
            if (mode == ArchiveMode.Beside)
            {
                if (await below.FindAsync(folder, cancellationToken) is not null)
                {
                    continue; // a folder or file of the tree below that happens to have such a name
                }

                file = folder.Parent.Append(folder.Name[..^1]);
            }

            if (await FindArchiveAsync(file, cancellationToken) is { } archive)
            {
                var inner = end == path.Value.Length ? VirtualPath.Root : VirtualPath.Parse(path.Value[end..]);
                return new ArchivePlace(archive, FolderEntry(archive.Entry, mode), inner, mode);
            }
        }

        return null;
    }

    private async ValueTask<ArchiveFile?> FindArchiveAsync(VirtualPath file, CancellationToken cancellationToken)
    {
        if (await below.LocateAsync(file, cancellationToken) is not { Entry.IsDirectory: false } found)
        {
            return null;
        }

        if (!ArchiveNames.MayBeVolume(found.Entry.Name) || await below.ListAsync(file.Parent, cancellationToken) is not { } listing)
        {
            return ArchiveNames.IsArchive(found.Entry.Name) ? new ArchiveFile([found]) : null;
        }

        var archives = FolderArchives.Of(listing);
        if (archives.Sets.FirstOrDefault(set => NameIndex.Same(set.Name, found.Entry.Name)) is not { } volumes)
        {
            return archives.IsAlone(found.Entry.Name) ? new ArchiveFile([found]) : null;
        }

        var members = new List<FoundEntry> { found };
        var missing = volumes.Missing;
        foreach (var name in volumes.Names.Skip(1))
        {
            if (await below.LocateAsync(file.Parent.Append(name), cancellationToken) is { Entry.IsDirectory: false } member)
            {
                members.Add(member);
            }
            else
            {
                missing ??= name;
            }
        }

        return new ArchiveFile(members, missing, volumes.Naming == VolumeNaming.Numbers);
    }

    // Where the next segment ends that may be the folder of an archive; 0: there is none.
    private int NextCandidate(VirtualPath path, int after)
    {
        var text = path.Value;
        for (var start = after + 1; depth > 0 && start < text.Length; )
        {
            var slash = text.IndexOf('/', start);
            var end = slash < 0 ? text.Length : slash;
            var name = text.AsSpan(start, end - start);
            if (ArchiveNames.IsArchive(name) || ArchiveNames.MayBeVolume(name) || !ArchiveNames.ArchiveOf(name).IsEmpty)
            {
                return end;
            }

            start = end + 1;
        }

        return 0;
    }

    // While the list is fetched it is not known that a path is missing, and players forget what is. A damaged archive has no paths.
    private static T? Unknown<T>(ArchivePlace place, IndexLookup known)
        where T : class
    {
        return known.MayCome
            ? throw new FileSystemException(FileSystemFailure.Unavailable, $"\"{place.Archive.Entry.Name}\": {known.Note}")
            : null;
    }

    private static bool IsMarked(string name)
    {
        return name.EndsWith(ArchiveNames.FolderMark);
    }

    private IFileSystem Inside(ArchivePlace place, ArchiveContent content)
    {
        var files = new ContentFs(place.Archive, content, spools, level);
        return depth > 1 ? new ArchiveFs(files, indexes, spools, _ => place.Mode, depth - 1, level + 1) : files;
    }

    private DirectoryListing WithArchives(DirectoryListing listing, ArchiveMode mode)
    {
        if (mode == ArchiveMode.Off || depth == 0)
        {
            return listing;
        }

        var archives = FolderArchives.Of(listing);
        if (archives.Shown.Count == 0)
        {
            return listing;
        }

        if (mode == ArchiveMode.Replace)
        {
            return DirectoryListing.From(
                Enumerable
                    .Range(0, listing.Count)
                    .Where(index => !archives.Hidden.Contains(index))
                    .Select(index => archives.Shown.Contains(index) ? FolderEntry(listing[index], mode) : listing[index]),
                listing.Note
            );
        }

        var folders = new List<FileEntry>(archives.Shown.Count);
        foreach (var index in archives.Shown)
        {
            if (ArchiveNames.FolderOf(listing.NameAt(index)) is { } folder && !Holds(listing, index, folder))
            {
                folders.Add(FolderEntry(listing[index], mode));
            }
        }

        return BesideListing.With(listing, folders);
    }

    // Whether the listing itself has this name; it would come soon after the archive.
    private static bool Holds(DirectoryListing listing, int archive, string folder)
    {
        for (var i = archive + 1; i < listing.Count; i++)
        {
            var order = string.CompareOrdinal(listing.NameAt(i), folder);
            if (order >= 0)
            {
                return order == 0;
            }
        }

        return false;
    }

    private static FileEntry FolderEntry(FileEntry archive, ArchiveMode mode)
    {
        var name = mode == ArchiveMode.Beside ? archive.Name + ArchiveNames.FolderMark : archive.Name;
        return new FileEntry(name, IsDirectory: true, 0, archive.Created, archive.Modified, archive.ETag + ArchiveNames.FolderMark);
    }

    private sealed class FoundFolder(FileEntry entry) : FoundEntry(entry)
    {
        public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<FileReader?>(null);
        }
    }
}
