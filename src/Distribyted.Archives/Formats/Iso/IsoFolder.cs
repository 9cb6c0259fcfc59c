namespace Distribyted.Archives.Formats.Iso;

/// <summary>A folder that is still to be read.</summary>
/// <param name="Path">With a <c>/</c> at its end; empty: the root.</param>
/// <param name="Offset">Bytes from the start of the image.</param>
/// <param name="Length">Bytes of its records.</param>
/// <param name="Depth">0 is the root.</param>
internal readonly record struct IsoFolder(string Path, long Offset, long Length, int Depth);
