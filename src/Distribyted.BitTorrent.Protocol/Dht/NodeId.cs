using System.Buffers.Binary;
using System.Numerics;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>The id of a DHT node, or a place among them such as an info hash: 160 bits (BEP 5). How near two are is the XOR of both, as a number.</summary>
public readonly record struct NodeId
{
    /// <summary>Bytes of an id.</summary>
    public const int Length = 20;

    /// <summary>Bits of an id.</summary>
    public const int Bits = Length * 8;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly uint _c;

    /// <summary>Reads 20 raw bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 20 bytes.</exception>
    public NodeId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException("A node id has 20 bytes.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The place of a torrent: its info hash.</summary>
    public static NodeId Of(InfoHash hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        hash.CopyTo(bytes);
        return new NodeId(bytes);
    }

    /// <summary>Negative: <paramref name="first"/> is nearer to the target than <paramref name="second"/>; 0: both are the same id.</summary>
    public static int CompareDistance(in NodeId first, in NodeId second, in NodeId target)
    {
        var a = (first._a ^ target._a).CompareTo(second._a ^ target._a);
        if (a != 0)
        {
            return a;
        }

        var b = (first._b ^ target._b).CompareTo(second._b ^ target._b);
        return b != 0 ? b : (first._c ^ target._c).CompareTo(second._c ^ target._c);
    }

    /// <summary>How many of the first bits are equal, 0 to 160.</summary>
    public int SharedBits(in NodeId other)
    {
        if (_a != other._a)
        {
            return BitOperations.LeadingZeroCount(_a ^ other._a);
        }

        return _b != other._b ? 64 + BitOperations.LeadingZeroCount(_b ^ other._b) : 128 + BitOperations.LeadingZeroCount(_c ^ other._c);
    }

    /// <summary>Writes the 20 raw bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _c);
    }

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
