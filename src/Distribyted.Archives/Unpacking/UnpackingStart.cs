using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking;

/// <summary>What a decompression begins with.</summary>
/// <param name="Volumes">The volumes of the archive: they can seek, and wait for bytes.</param>
/// <param name="Password">For what is encrypted; null: none.</param>
/// <param name="Memory">Bytes of memory that were reserved for it.</param>
/// <param name="From">Where to go on; null: at the start.</param>
internal sealed record UnpackingStart(IReadOnlyList<Stream> Volumes, string? Password, long Memory, ISavedState? From = null)
{
    /// <summary>Checks, before it is allocated, that memory was reserved; called again where later bytes want more.</summary>
    /// <param name="bytes">What the decompression takes in all.</param>
    /// <exception cref="ArchiveException">It is more than was reserved.</exception>
    public void Need(long bytes)
    {
        if (bytes > Memory)
        {
            throw new ArchiveException(ArchiveFailure.MemoryNeeded, "It needs more memory than was reserved for it.") { Memory = bytes };
        }
    }
}
