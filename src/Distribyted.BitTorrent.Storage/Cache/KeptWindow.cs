namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What one reader wants kept.</summary>
/// <param name="Reader">Which.</param>
/// <param name="First">First piece, read-behind included.</param>
/// <param name="Last">Last piece.</param>
/// <param name="Position">The piece of its next byte, or the one it read last; -1: unknown.</param>
internal readonly record struct KeptWindow(long Reader, int First, int Last, int Position)
{
    public bool Overlaps(int first, int last)
    {
        return First <= last && Last >= first;
    }
}
