namespace Distribyted.FileSystem;

/// <summary>An entry of a tree that keeps nothing between look-up and opening: the path is resolved again.</summary>
internal sealed class FoundByPath(IFileSystem files, VirtualPath path, FileEntry entry) : FoundEntry(entry)
{
    public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
    {
        return files.OpenAsync(path, intent, cancellationToken);
    }
}
