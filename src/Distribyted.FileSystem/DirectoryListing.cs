namespace Distribyted.FileSystem;

/// <summary>What a folder holds: immutable, ordered by name (ordinal); entries may be made when they are asked for.</summary>
public abstract class DirectoryListing
{
    /// <summary>An empty folder.</summary>
    public static DirectoryListing Empty { get; } = new ArrayListing([]);

    /// <summary>How many entries.</summary>
    public abstract int Count { get; }

    /// <summary>One entry, 0 to <see cref="Count"/> - 1.</summary>
    public abstract FileEntry this[int index] { get; }

    /// <summary>A word to people who look with a browser ("3 torrents wait for metadata"); null if there is nothing to say.</summary>
    public virtual string? Note => null;

    /// <summary>A listing of these entries, sorted by name.</summary>
    public static DirectoryListing From(IEnumerable<FileEntry> entries, string? note = null)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new ArrayListing(sorted) { Words = note };
    }

    private sealed class ArrayListing(FileEntry[] entries) : DirectoryListing
    {
        public string? Words { get; init; }

        public override int Count => entries.Length;

        public override string? Note => Words;

        public override FileEntry this[int index] => entries[index];
    }
}
