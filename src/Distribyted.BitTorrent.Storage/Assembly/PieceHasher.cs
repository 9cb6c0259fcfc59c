using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>SHA-1 over one piece, fed block by block. Used by one thread at a time; which one may change.</summary>
internal sealed class PieceHasher : IDisposable
{
    private const int MaxPooled = 64; // native handles of some hundred bytes each

    private static readonly ConcurrentQueue<PieceHasher> Pool = new();

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);

    private PieceHasher() { }

    public static PieceHasher Rent()
    {
        return Pool.TryDequeue(out var hasher) ? hasher : new PieceHasher();
    }

    /// <summary>Gives a hasher back; it is empty again.</summary>
    public static void Return(PieceHasher hasher)
    {
        hasher.Reset();
        if (Pool.Count < MaxPooled)
        {
            Pool.Enqueue(hasher);
        }
        else
        {
            hasher.Dispose();
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        _hash.AppendData(data);
    }

    /// <summary>Whether everything appended has this SHA-1. The hasher is empty afterwards.</summary>
    public bool Matches(ReadOnlySpan<byte> expected)
    {
        Span<byte> actual = stackalloc byte[SHA1.HashSizeInBytes];
        _hash.GetHashAndReset(actual);
        return actual.SequenceEqual(expected);
    }

    public void Reset()
    {
        Span<byte> ignored = stackalloc byte[SHA1.HashSizeInBytes];
        _hash.GetHashAndReset(ignored);
    }

    public void Dispose()
    {
        _hash.Dispose();
    }
}
