namespace Distribyted.Archives.Unpacking;

/// <summary>A member of an lzip file.</summary>
/// <param name="Start">Where it begins, bytes from the start of the file.</param>
internal sealed record LzipPlace(long Start) : ISavedState
{
    public int Length => sizeof(long);
}
