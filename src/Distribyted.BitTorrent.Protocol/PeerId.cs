using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Protocol;

/// <summary>Twenty bytes by which a peer names itself for the length of one run (BEP 3, BEP 20).</summary>
public readonly record struct PeerId
{
    /// <summary>Bytes of a peer id.</summary>
    public const int Length = 20;

    private readonly ulong _head; // two of 64 bits: see PeerEndPoint
    private readonly ulong _middle;
    private readonly uint _tail;

    /// <summary>Reads 20 raw bytes.</summary>
    public PeerId(ReadOnlySpan<byte> bytes)
    {
        _head = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _tail = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>A new id of ours: <c>-DB0100-</c> and twelve random characters, as trackers with client lists expect (BEP 20).</summary>
    public static PeerId CreateRandom()
    {
        var text =
            Product.PeerIdPrefix + RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 12);
        return new PeerId(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Writes the 20 raw bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _head);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _tail);
    }

    /// <summary>Printable characters as they are, others as dots.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        foreach (ref var b in bytes)
        {
            b = b is >= 0x20 and < 0x7F ? b : (byte)'.';
        }

        return Encoding.ASCII.GetString(bytes);
    }
}
