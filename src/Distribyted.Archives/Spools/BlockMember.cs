namespace Distribyted.Archives.Spools;

/// <summary>An entry in the unpacked bytes of a block.</summary>
/// <param name="Offset">Bytes from the start of the block.</param>
/// <param name="Length">How many, at least 1.</param>
/// <param name="Crc32">Checksum of its content; null: not said.</param>
internal readonly record struct BlockMember(long Offset, long Length, uint? Crc32)
{
    public long End => Offset + Length;
}
