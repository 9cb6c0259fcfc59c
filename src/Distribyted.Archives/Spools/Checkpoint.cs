using Distribyted.Archives.Unpacking;

namespace Distribyted.Archives.Spools;

/// <summary>Where the decompression of a block can go on, and what its checks need for that.</summary>
/// <param name="Position">Bytes from the start of the block.</param>
/// <param name="State">Of the decompression.</param>
/// <param name="Crc32">Checksum of the entry so far; null: it is not known, and the end of this entry is not compared.</param>
/// <param name="BytesRead">Packed bytes that were read for what lies before.</param>
internal sealed record Checkpoint(long Position, ISavedState State, uint? Crc32, long BytesRead);
