namespace Distribyted.Archives.Formats.Iso;

/// <summary>Bytes of a file that lie together, in a partition of UDF.</summary>
/// <param name="Partition">Which map of the logical volume.</param>
/// <param name="Block">The first block.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsHole">Not written: it reads as zeros.</param>
internal readonly record struct UdfExtent(int Partition, uint Block, long Length, bool IsHole);
