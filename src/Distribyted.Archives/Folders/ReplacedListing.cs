using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A listing in which archives are folders.</summary>
internal sealed class ReplacedListing(DirectoryListing below, Func<FileEntry, FileEntry> replace) : DirectoryListing
{
    public override int Count => below.Count;

    public override string? Note => below.Note;

    public override FileEntry this[int index] => replace(below[index]);

    public override string NameAt(int index)
    {
        return below.NameAt(index);
    }
}
