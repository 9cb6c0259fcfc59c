namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>In which block of a deflate stream a decompression is.</summary>
internal enum InflateBlock
{
    /// <summary>Before the header of one.</summary>
    None,

    /// <summary>In a stored one.</summary>
    Stored,

    /// <summary>In a compressed one.</summary>
    Compressed,

    /// <summary>Behind the last one.</summary>
    End,
}
