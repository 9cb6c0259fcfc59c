using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>A listing with further folders in it. What was there keeps its order and is made when it is asked for, as before.</summary>
internal sealed class BesideListing : DirectoryListing
{
    private readonly DirectoryListing _below;
    private readonly FileEntry[] _folders;
    private readonly int[] _at; // where each folder is in this listing

    private BesideListing(DirectoryListing below, FileEntry[] folders, int[] at)
    {
        _below = below;
        _folders = folders;
        _at = at;
    }

    public override int Count => _below.Count + _folders.Length;

    public override string? Note => _below.Note;

    public override FileEntry this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            var folder = Find(index, out var before);
            return folder >= 0 ? _folders[folder] : _below[index - before];
        }
    }

    /// <param name="below">The listing.</param>
    /// <param name="folders">Entries whose names are not in it.</param>
    public static DirectoryListing With(DirectoryListing below, List<FileEntry> folders)
    {
        folders.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var at = new int[folders.Count];
        var next = 0;
        for (var i = 0; i < folders.Count; i++)
        {
            while (next < below.Count && string.CompareOrdinal(below.NameAt(next), folders[i].Name) < 0)
            {
                next++;
            }

            at[i] = next + i;
        }

        return new BesideListing(below, [.. folders], at);
    }

    public override string NameAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var folder = Find(index, out var before);
        return folder >= 0 ? _folders[folder].Name : _below.NameAt(index - before);
    }

    private int Find(int index, out int before)
    {
        var found = Array.BinarySearch(_at, index);
        before = found >= 0 ? found : ~found;
        return found;
    }
}
