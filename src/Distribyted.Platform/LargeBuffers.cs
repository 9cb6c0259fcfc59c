using System.Buffers;

namespace Distribyted.Platform;

/// <summary>Byte arrays for sockets and disks that are used again. Safe for use by many threads.</summary>
/// <remarks><see cref="ArrayPool{T}.Shared"/> keeps for each thread the last array of each length that it gave back, until there is a full collection, and a daemon
/// that plays has none for long: with 30 threads, which come and go, that was 12 MB for two players. Arrays up to 64 KiB, and those over 256 KiB, are from there.</remarks>
public static class LargeBuffers
{
    private const int Short = 128 * 1024;
    private const int Long = 256 * 1024;
    private const int MostKept = 64; // of each length: as many as a torrent has peers

    private static readonly Lock Guard = new();
    private static readonly Stack<byte[]> ShortOnes = new(); // guarded by Guard, as the others
    private static readonly Stack<byte[]> LongOnes = new();

    /// <summary>Gets an array of at least <paramref name="length"/> bytes with any content. The caller owns it until <see cref="Return"/>.</summary>
    public static byte[] Rent(int length)
    {
        if (length is <= Short / 2 or > Long)
        {
            return ArrayPool<byte>.Shared.Rent(length);
        }

        lock (Guard)
        {
            if ((length <= Short ? ShortOnes : LongOnes).TryPop(out var kept))
            {
                return kept;
            }
        }

        return GC.AllocateUninitializedArray<byte>(length <= Short ? Short : Long);
    }

    /// <summary>Gives back an array of <see cref="Rent"/>, once.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length is not (Short or Long))
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        lock (Guard)
        {
            var kept = array.Length == Short ? ShortOnes : LongOnes;
            if (kept.Count < MostKept)
            {
                kept.Push(array);
            }
        }
    }

    /// <summary>Forgets those that are not in use, for the next collection.</summary>
    public static void Clear()
    {
        lock (Guard)
        {
            ShortOnes.Clear();
            LongOnes.Clear();
        }
    }
}
