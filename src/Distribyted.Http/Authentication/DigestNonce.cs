using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Distribyted.Http.Authentication;

/// <summary>Nonces that need no memory: the time, signed with a key that lives as long as the process. No two are the same.</summary>
internal sealed class DigestNonce
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int Length = 8 + 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _last; // ticks

    public DigestNonce(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Nonces that were made before this are too old. On a clock that never jumps.</summary>
    public TimeSpan Oldest => _time.GetElapsedTime(_start) - Lifetime;

    public string Create()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, NextTime());
        Sign(bytes[..8], bytes[8..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether it is ours and young enough. If not, the client gets a new one and <c>stale=true</c>, and tries again without asking the user.</summary>
    /// <param name="nonce">As it came.</param>
    /// <param name="issued">When it was made.</param>
    public bool IsGood(ReadOnlySpan<char> nonce, out TimeSpan issued)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> signature = stackalloc byte[16];
        issued = default;
        if (
            nonce.Length != Length * 4 / 3
            || Base64Url.DecodeFromChars(nonce, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != Length
        )
        {
            return false;
        }

        Sign(bytes[..8], signature);
        issued = TimeSpan.FromTicks(BinaryPrimitives.ReadInt64BigEndian(bytes));
        return CryptographicOperations.FixedTimeEquals(signature, bytes[8..]) && issued >= Oldest;
    }

    private long NextTime()
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last + 1, _time.GetElapsedTime(_start).Ticks);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }

    private void Sign(ReadOnlySpan<byte> time, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, time, hash);
        hash[..16].CopyTo(signature);
    }
}
