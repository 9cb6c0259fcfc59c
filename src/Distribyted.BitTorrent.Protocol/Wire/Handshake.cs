using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>The first 68 bytes of a connection (BEP 3), with the bits that say what else is spoken.</summary>
public readonly record struct Handshake(InfoHash InfoHash, PeerId PeerId, ulong Reserved)
{
    /// <summary>Bytes of a handshake.</summary>
    public const int Length = 68;

    /// <summary>After this many bytes the torrent is known; some peers send the rest only when they were answered.</summary>
    public const int LengthUntilPeerId = 48;

    private const ulong FastBit = 0x04; // reserved[7], BEP 6
    private const ulong DhtBit = 0x01; // reserved[7], BEP 5
    private const ulong ExtensionBit = 0x10UL << 16; // reserved[5], BEP 10

    private static ReadOnlySpan<byte> Prefix => "\u0013BitTorrent protocol"u8;

    /// <summary>Our own: fast extension and extension protocol.</summary>
    public Handshake(InfoHash infoHash, PeerId peerId)
        : this(infoHash, peerId, FastBit | ExtensionBit) { }

    /// <summary>Rejects, have-all and their kin (BEP 6).</summary>
    public bool SupportsFast => (Reserved & FastBit) != 0;

    /// <summary>Extended messages (BEP 10).</summary>
    public bool SupportsExtensions => (Reserved & ExtensionBit) != 0;

    /// <summary>A Port message may follow (BEP 5).</summary>
    public bool SupportsDht => (Reserved & DhtBit) != 0;

    /// <summary>Whether a connection begins in the clear.</summary>
    /// <returns>Null: too few bytes to say, and those are right. False: it is encrypted, or not BitTorrent.</returns>
    public static bool? IsClear(ReadOnlySpan<byte> buffer)
    {
        var seen = Math.Min(buffer.Length, Prefix.Length);
        if (!buffer[..seen].SequenceEqual(Prefix[..seen]))
        {
            return false;
        }

        return seen == Prefix.Length ? true : null;
    }

    /// <summary>The same, saying whether the sender has a DHT node (BEP 5).</summary>
    public Handshake WithDht(bool hasNode)
    {
        return this with { Reserved = hasNode ? Reserved | DhtBit : Reserved & ~DhtBit };
    }

    /// <summary>Reads a handshake.</summary>
    /// <returns>False: fewer than 68 bytes, and nothing wrong with them so far.</returns>
    /// <exception cref="ProtocolException">Not BitTorrent; known from the first byte that differs.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out Handshake handshake)
    {
        handshake = default;
        if (!TryReadInfoHash(buffer, out var infoHash) || buffer.Length < Length)
        {
            return false;
        }

        handshake = new Handshake(infoHash, new PeerId(buffer[48..Length]), BinaryPrimitives.ReadUInt64BigEndian(buffer[20..]));
        return true;
    }

    /// <summary>Reads which torrent is meant, before the peer id is there.</summary>
    /// <returns>False: fewer than 48 bytes.</returns>
    /// <exception cref="ProtocolException">Not BitTorrent.</exception>
    public static bool TryReadInfoHash(ReadOnlySpan<byte> buffer, out InfoHash infoHash)
    {
        if (IsClear(buffer) == false)
        {
            throw new ProtocolException(ProtocolError.Malformed, "The peer does not speak BitTorrent, or not in the clear.");
        }

        if (buffer.Length < LengthUntilPeerId)
        {
            infoHash = default;
            return false;
        }

        infoHash = new InfoHash(buffer[28..LengthUntilPeerId]);
        return true;
    }

    /// <summary>Writes 68 bytes.</summary>
    public int Write(Span<byte> destination)
    {
        Prefix.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[20..], Reserved);
        InfoHash.CopyTo(destination[28..]);
        PeerId.CopyTo(destination[48..]);
        return Length;
    }
}
