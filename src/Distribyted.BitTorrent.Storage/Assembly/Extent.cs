namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>A run of pinned memory that one piece owns between <see cref="ExtentPool.Rent"/> and <see cref="ExtentPool.Return"/>.</summary>
internal sealed class Extent
{
    private readonly int _start;

    public Extent(ExtentSlab slab, int index, int length)
    {
        Slab = slab;
        Index = index;
        Length = length;
        _start = index * length;
    }

    /// <summary>Bytes: a power of two, 4 KiB to 256 KiB.</summary>
    public int Length { get; }

    public Span<byte> Span => Slab.Bytes.AsSpan(_start, Length);

    public ReadOnlyMemory<byte> Memory => Slab.Bytes.AsMemory(_start, Length);

    public ExtentSlab Slab { get; }

    /// <summary>Which of the slab's extents this is.</summary>
    public int Index { get; }
}
