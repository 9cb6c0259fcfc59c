namespace Distribyted.FileSystem;

/// <summary>What a folder holds: immutable, ordered by name (ordinal); entries may be made when they are asked for.</summary>
public abstract class DirectoryListing
{
    /// <summary>An empty folder.</summary>
    public static DirectoryListing Empty { get; } = new ArrayListing([], null);

    /// <summary>How many entries.</summary>
    public abstract int Count { get; }

    /// <summary>One entry, 0 to <see cref="Count"/> - 1.</summary>
    public abstract FileEntry this[int index] { get; }

    /// <summary>The name of one entry; cheaper than the entry where entries are made when they are asked for.</summary>
    public virtual string NameAt(int index)
    {
        return this[index].Name;
    }

    /// <summary>A note for those who look with a browser ("3 torrents wait for metadata"); null: none.</summary>
    public virtual string? Note => null;

    /// <summary>A listing of these entries, sorted by name.</summary>
    public static DirectoryListing From(IEnumerable<FileEntry> entries, string? note = null)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new ArrayListing(sorted, note);
    }

    private sealed class ArrayListing(FileEntry[] entries, string? note) : DirectoryListing
    {
        public override int Count => entries.Length;

        public override string? Note => note;

        public override FileEntry this[int index] => entries[index];
    }
}
