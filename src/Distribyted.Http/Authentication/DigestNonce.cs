using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Distribyted.Http.Authentication;

/// <summary>Nonces that need no memory: the time, signed with a key that lives as long as the process.</summary>
internal sealed class DigestNonce
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int Length = 8 + 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly TimeProvider _time;

    public DigestNonce(TimeProvider time)
    {
        _time = time;
    }

    public string Create()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, _time.GetUtcNow().UtcTicks);
        Sign(bytes[..8], bytes[8..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether it is ours and young enough. If not, the client gets a new one and <c>stale=true</c>, and tries again without asking anybody.</summary>
    public bool IsGood(ReadOnlySpan<char> nonce)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> signature = stackalloc byte[16];
        if (
            nonce.Length != Length * 4 / 3
            || Base64Url.DecodeFromChars(nonce, bytes, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != Length
        )
        {
            return false;
        }

        Sign(bytes[..8], signature);
        var age = _time.GetUtcNow().UtcTicks - BinaryPrimitives.ReadInt64BigEndian(bytes);
        return CryptographicOperations.FixedTimeEquals(signature, bytes[8..]) && age >= 0 && age <= Lifetime.Ticks;
    }

    private void Sign(ReadOnlySpan<byte> time, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, time, hash);
        hash[..16].CopyTo(signature);
    }
}
