namespace Distribyted.Archives.Formats.Rar;

/// <summary>What a block of a RAR volume is, as far as its index needs it.</summary>
internal enum RarBlockKind
{
    /// <summary>The first block of a volume: says whether the archive is solid and which volume this is.</summary>
    Main,

    /// <summary>An entry, or its part in this volume.</summary>
    File,

    /// <summary>The last block of a volume.</summary>
    End,

    /// <summary>Comments, recovery records and whatever is newer than this reader: skipped with its data.</summary>
    Other,
}
