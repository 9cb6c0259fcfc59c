namespace Distribyted.FileSystem;

/// <summary>Why bytes will not come.</summary>
public enum FileSystemFailure
{
    /// <summary>No source made progress in time; later it may work.</summary>
    Unavailable,

    /// <summary>The content contradicts itself.</summary>
    Corrupt,

    /// <summary>It was removed while it was read.</summary>
    Removed,

    /// <summary>There is no space left for it.</summary>
    NoSpace,
}
