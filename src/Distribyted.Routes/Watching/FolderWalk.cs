using System.IO.Enumeration;

namespace Distribyted.Routes.Watching;

/// <summary>Everything below a folder, found at once. What may not be read is named instead of ending the walk, since that seldom changes soon.
/// Links to folders are not followed: they might lead round in circles.</summary>
internal sealed class FolderWalk
{
    private static readonly EnumerationOptions Everything = new()
    {
        IgnoreInaccessible = false,
        AttributesToSkip = default,
        RecurseSubdirectories = false,
    };

    private readonly List<Item> _files = [];
    private readonly List<Unreadable> _unreadable = [];

    private FolderWalk() { }

    /// <summary>Files and links, in no order.</summary>
    internal IReadOnlyList<Item> Files => _files;

    /// <summary>What is there and cannot be read.</summary>
    internal IReadOnlyList<Unreadable> NotRead => _unreadable;

    /// <summary>Whether the folder holds neither a file nor a folder.</summary>
    internal bool IsEmpty { get; private set; }

    /// <exception cref="IOException">The folder, or the disk below it, cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder itself may not be read.</exception>
    internal static FolderWalk Of(string folder)
    {
        var walk = new FolderWalk { IsEmpty = !Directory.EnumerateFileSystemEntries(folder).Any() };
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out var next))
        {
            try
            {
                walk.Look(next, folders);
            }
            catch (UnauthorizedAccessException e) when (next != folder)
            {
                walk._unreadable.Add(new Unreadable(next, e.Message));
            }
            catch (DirectoryNotFoundException) when (next != folder)
            {
                // Deleted a moment ago.
            }
        }

        return walk;
    }

    private void Look(string folder, Stack<string> folders)
    {
        foreach (var item in new FileSystemEnumerable<Item>(folder, Describe, Everything))
        {
            if (item.Path.Contains('\uFFFD') && !Path.Exists(item.Path))
            {
                _unreadable.Add(new Unreadable(item.Path, "its name is not UTF-8"));
            }
            else if (!item.IsFolder)
            {
                _files.Add(item);
            }
            else if (!item.IsLink)
            {
                folders.Push(item.Path);
            }
        }
    }

    private static Item Describe(ref FileSystemEntry entry)
    {
        var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        return new Item(entry.ToFullPath(), entry.IsDirectory, isLink);
    }

    /// <summary>A file, folder or link.</summary>
    /// <param name="IsFolder">Of a link: whether it leads to a folder.</param>
    internal readonly record struct Item(string Path, bool IsFolder, bool IsLink);

    /// <summary>A file or folder that cannot be read.</summary>
    /// <param name="Reason">Why, for messages.</param>
    internal readonly record struct Unreadable(string Path, string Reason);
}
