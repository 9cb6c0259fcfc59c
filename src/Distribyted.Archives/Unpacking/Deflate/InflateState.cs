namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>Where <see cref="InflateStream"/> can go on: some 33 KiB.</summary>
/// <param name="Packed">Bytes of the packed stream that were taken.</param>
/// <param name="Bits">Bits that were taken from it and not used yet, the next one lowest.</param>
/// <param name="BitCount">How many.</param>
/// <param name="Block">In which kind of block it is.</param>
/// <param name="IsLast">Whether that is the last one.</param>
/// <param name="StoredLeft">Bytes of a stored block that are left.</param>
/// <param name="Lengths">Code lengths of a compressed block: of literals and lengths, then of distances.</param>
/// <param name="LiteralCount">How many are of literals and lengths.</param>
/// <param name="Window">The last bytes that were unpacked.</param>
/// <param name="Pending">How many at their end were not read yet.</param>
internal sealed record InflateState(
    long Packed,
    ulong Bits,
    int BitCount,
    InflateBlock Block,
    bool IsLast,
    int StoredLeft,
    byte[] Lengths,
    int LiteralCount,
    byte[] Window,
    int Pending
) : ISavedState
{
    public int Length => Lengths.Length + Window.Length + 100;
}
