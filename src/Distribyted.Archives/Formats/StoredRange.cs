namespace Distribyted.Archives.Formats;

/// <summary>Bytes of an entry that lie in a volume as they are.</summary>
/// <param name="Volume">Which volume, from 0.</param>
/// <param name="Offset">Bytes from the start of that volume.</param>
/// <param name="Length">How many, at least 1.</param>
internal readonly record struct StoredRange(int Volume, long Offset, long Length);
