using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Protocol;

/// <summary>The name of a torrent: SHA-1 over the bencoded info dictionary, 20 bytes (BEP 3).</summary>
public readonly struct InfoHash : IEquatable<InfoHash>, IComparable<InfoHash>
{
    /// <summary>Bytes of a v1 info hash.</summary>
    public const int Length = 20;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly uint _c;

    /// <summary>Reads 20 raw bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 20 bytes.</exception>
    public InfoHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException("An info hash has 20 bytes.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The hash of an info dictionary, taken over exactly these bytes.</summary>
    public static InfoHash Compute(ReadOnlySpan<byte> infoDictionary)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA1.HashData(infoDictionary, hash);
        return new InfoHash(hash);
    }

    /// <summary>Reads 40 hexadecimal digits or 32 base32 characters (BEP 9), in any case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out InfoHash hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (
            text is { Length: 40 }
            && Convert.FromHexString(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            && written == Length
        )
        {
            hash = new InfoHash(bytes);
            return true;
        }

        if (text is { Length: 32 } && TryReadBase32(text, bytes))
        {
            hash = new InfoHash(bytes);
            return true;
        }

        hash = default;
        return false;
    }

    /// <summary>Writes the 20 raw bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _c);
    }

    /// <summary>The 20 raw bytes in an array of their own.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <inheritdoc/>
    public bool Equals(InfoHash other)
    {
        return _a == other._a && _b == other._b && _c == other._c;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj)
    {
        return obj is InfoHash other && Equals(other);
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        return HashCode.Combine(_a, _b, _c);
    }

    /// <inheritdoc/>
    public int CompareTo(InfoHash other)
    {
        var a = _a.CompareTo(other._a);
        var b = a != 0 ? a : _b.CompareTo(other._b);
        return b != 0 ? b : _c.CompareTo(other._c);
    }

    /// <summary>The same 20 bytes.</summary>
    public static bool operator ==(InfoHash left, InfoHash right)
    {
        return left.Equals(right);
    }

    /// <summary>Different bytes.</summary>
    public static bool operator !=(InfoHash left, InfoHash right)
    {
        return !left.Equals(right);
    }

    /// <summary>Smaller as a big-endian number.</summary>
    public static bool operator <(InfoHash left, InfoHash right)
    {
        return left.CompareTo(right) < 0;
    }

    /// <summary>Smaller or equal as a big-endian number.</summary>
    public static bool operator <=(InfoHash left, InfoHash right)
    {
        return left.CompareTo(right) <= 0;
    }

    /// <summary>Greater as a big-endian number.</summary>
    public static bool operator >(InfoHash left, InfoHash right)
    {
        return left.CompareTo(right) > 0;
    }

    /// <summary>Greater or equal as a big-endian number.</summary>
    public static bool operator >=(InfoHash left, InfoHash right)
    {
        return left.CompareTo(right) >= 0;
    }

    private static bool TryReadBase32(string text, Span<byte> bytes)
    {
        var bits = 0;
        var count = 0;
        var at = 0;
        foreach (var c in text)
        {
            var value = c switch
            {
                >= 'A' and <= 'Z' => c - 'A',
                >= 'a' and <= 'z' => c - 'a',
                >= '2' and <= '7' => c - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            bits = ((bits & 0xFF) << 5) | value;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                bytes[at++] = (byte)((bits >> count) & 0xFF);
            }
        }

        return at == Length;
    }
}
