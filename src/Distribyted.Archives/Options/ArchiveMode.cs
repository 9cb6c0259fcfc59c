namespace Distribyted.Archives.Options;

/// <summary>How an archive looks in a listing.</summary>
public enum ArchiveMode
{
    /// <summary>As a file, and as a folder of its name with <c>!</c> at the end.</summary>
    Beside,

    /// <summary>As a folder in place of the file.</summary>
    Replace,

    /// <summary>As a file only.</summary>
    Off,
}
