namespace Distribyted.Archives.Unpacking;

/// <summary>A block of an xz file.</summary>
/// <param name="Stream">Where its stream begins, bytes from the start of the file.</param>
/// <param name="Block">Where it begins itself.</param>
internal sealed record XzPlace(long Stream, long Block) : ISavedState
{
    public int Length => 2 * sizeof(long);
}
