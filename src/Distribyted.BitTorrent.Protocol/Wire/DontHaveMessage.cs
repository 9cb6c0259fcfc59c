using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>The message of <c>lt_donthave</c> (BEP 54): a piece that was announced is gone.</summary>
public static class DontHaveMessage
{
    /// <summary>Bytes of its text.</summary>
    public const int Length = 4;

    /// <summary>Reads which piece; checked against the torrent by the caller.</summary>
    /// <exception cref="ProtocolException">Not four bytes, or past 2^31.</exception>
    public static int Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Length || payload[0] > 0x7F)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not the index of a piece.");
        }

        return BinaryPrimitives.ReadInt32BigEndian(payload);
    }

    /// <summary>Writes a whole extended message, header included.</summary>
    /// <param name="extensionId">The id that the peer gave out.</param>
    /// <param name="destination">At least 10 bytes.</param>
    public static int WriteMessage(Span<byte> destination, byte extensionId, int piece)
    {
        var header = PeerMessageWriter.WriteExtendedHeader(destination, extensionId, Length);
        BinaryPrimitives.WriteInt32BigEndian(destination[header..], piece);
        return header + Length;
    }
}
