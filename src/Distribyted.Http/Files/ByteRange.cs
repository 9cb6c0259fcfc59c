namespace Distribyted.Http.Files;

/// <summary>Bytes of a file that are there: at least one.</summary>
/// <param name="Offset">The first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The last.</summary>
    public long Last => Offset + Length - 1;
}
