namespace Distribyted.Archives.Formats.Tar;

/// <summary>What a header of a tar file describes.</summary>
internal enum TarType
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A file of which only the parts that are not zero are here (GNU).</summary>
    Sparse,

    /// <summary>Attributes of the next entry (pax).</summary>
    PaxNext,

    /// <summary>Attributes of all further entries (pax).</summary>
    PaxGlobal,

    /// <summary>The name of the next entry (GNU).</summary>
    LongName,

    /// <summary>A link, a device, a label: without content that could be shown.</summary>
    Other,
}
