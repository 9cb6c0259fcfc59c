using System.Buffers;
using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>Puts messages into bytes (BEP 3, 6, 10). Every method says how many bytes it wrote.</summary>
/// <remarks>The caller owns the destination and made it large enough; the constants say how large that is.</remarks>
public static class PeerMessageWriter
{
    /// <summary>Bytes of KeepAlive.</summary>
    public const int KeepAliveLength = 4;

    /// <summary>Bytes of Choke, Unchoke, Interested, NotInterested, HaveAll, HaveNone.</summary>
    public const int PlainLength = 5;

    /// <summary>Bytes of Have.</summary>
    public const int HaveLength = 9;

    /// <summary>Bytes of Request, Cancel, Reject.</summary>
    public const int RequestLength = 17;

    /// <summary>Bytes of Port.</summary>
    public const int PortLength = 7;

    /// <summary>Bytes in front of a bitfield.</summary>
    public const int BitfieldHeaderLength = 5;

    /// <summary>Bytes in front of a block.</summary>
    public const int PieceHeaderLength = 13;

    /// <summary>Bytes in front of an extended message's own text.</summary>
    public const int ExtendedHeaderLength = 6;

    /// <summary>Nothing new, but still here.</summary>
    public static int WriteKeepAlive(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, 0);
        return KeepAliveLength;
    }

    /// <summary>Requests are not answered from now on.</summary>
    public static int WriteChoke(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.Choke, 0);
    }

    /// <summary>Requests are answered from now on.</summary>
    public static int WriteUnchoke(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.Unchoke, 0);
    }

    /// <summary>We would ask if we were not choked.</summary>
    public static int WriteInterested(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.Interested, 0);
    }

    /// <summary>We want nothing that the peer has.</summary>
    public static int WriteNotInterested(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.NotInterested, 0);
    }

    /// <summary>We have this piece.</summary>
    public static int WriteHave(Span<byte> destination, int piece)
    {
        return Numbers(destination, PeerMessageKind.Have, piece);
    }

    /// <summary>What stands in front of <paramref name="bitfieldLength"/> bytes of bitfield.</summary>
    public static int WriteBitfieldHeader(Span<byte> destination, int bitfieldLength)
    {
        return Header(destination, PeerMessageKind.Bitfield, bitfieldLength);
    }

    /// <summary>Asks for a block.</summary>
    public static int WriteRequest(Span<byte> destination, int piece, int offset, int length)
    {
        return Numbers(destination, PeerMessageKind.Request, piece, offset, length);
    }

    /// <summary>What stands in front of <paramref name="blockLength"/> bytes of a block.</summary>
    public static int WritePieceHeader(Span<byte> destination, int piece, int offset, int blockLength)
    {
        Header(destination, PeerMessageKind.Piece, checked(8 + blockLength));
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], piece);
        BinaryPrimitives.WriteInt32BigEndian(destination[9..], offset);
        return PieceHeaderLength;
    }

    /// <summary>Takes a request back.</summary>
    public static int WriteCancel(Span<byte> destination, int piece, int offset, int length)
    {
        return Numbers(destination, PeerMessageKind.Cancel, piece, offset, length);
    }

    /// <summary>A request will not be answered (BEP 6).</summary>
    public static int WriteReject(Span<byte> destination, int piece, int offset, int length)
    {
        return Numbers(destination, PeerMessageKind.Reject, piece, offset, length);
    }

    /// <summary>Instead of a bitfield: everything (BEP 6).</summary>
    public static int WriteHaveAll(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.HaveAll, 0);
    }

    /// <summary>Instead of a bitfield: nothing (BEP 6).</summary>
    public static int WriteHaveNone(Span<byte> destination)
    {
        return Header(destination, PeerMessageKind.HaveNone, 0);
    }

    /// <summary>Where our DHT node listens (BEP 5).</summary>
    public static int WritePort(Span<byte> destination, ushort port)
    {
        Header(destination, PeerMessageKind.Port, 2);
        BinaryPrimitives.WriteUInt16BigEndian(destination[5..], port);
        return PortLength;
    }

    /// <summary>What stands in front of an extension's own <paramref name="payloadLength"/> bytes (BEP 10).</summary>
    /// <param name="extensionId">0 for the handshake, else the id that the <em>peer</em> gave out.</param>
    public static int WriteExtendedHeader(Span<byte> destination, byte extensionId, int payloadLength)
    {
        Header(destination, PeerMessageKind.Extended, checked(1 + payloadLength));
        destination[5] = extensionId;
        return ExtendedHeaderLength;
    }

    /// <summary>A whole extended message (BEP 10).</summary>
    public static void WriteExtended(IBufferWriter<byte> output, byte extensionId, ReadOnlySpan<byte> payload)
    {
        output.Advance(WriteExtendedHeader(output.GetSpan(ExtendedHeaderLength), extensionId, payload.Length));
        output.Write(payload);
    }

    private static int Header(Span<byte> destination, PeerMessageKind kind, int bodyLength)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, checked(1 + bodyLength));
        destination[4] = (byte)kind;
        return PlainLength;
    }

    private static int Numbers(Span<byte> destination, PeerMessageKind kind, int piece)
    {
        Header(destination, kind, 4);
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], piece);
        return HaveLength;
    }

    private static int Numbers(Span<byte> destination, PeerMessageKind kind, int piece, int offset, int length)
    {
        Header(destination, kind, 12);
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], piece);
        BinaryPrimitives.WriteInt32BigEndian(destination[9..], offset);
        BinaryPrimitives.WriteInt32BigEndian(destination[13..], length);
        return RequestLength;
    }
}
