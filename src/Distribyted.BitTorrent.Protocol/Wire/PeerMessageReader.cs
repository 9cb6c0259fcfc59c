using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>Cuts messages out of received bytes, in place (BEP 3, 6, 10).</summary>
/// <remarks>A length is checked by its type as soon as both are there, long before the bytes it promises. Allocates nothing.</remarks>
public static class PeerMessageReader
{
    /// <summary>Bytes of the length in front of every message.</summary>
    public const int HeaderLength = 4;

    /// <summary>Most bytes of a block: no peer is asked for more.</summary>
    public const int MaxBlockLength = PieceLayout.BlockLength;

    /// <summary>Most bytes of a bitfield message without its header: the type, and a bit for each piece.</summary>
    public const int MaxBitfieldLength = 1 + (PieceLayout.MaxPieceCount / 8);

    /// <summary>Most bytes of an extended message without its header.</summary>
    public const int MaxExtendedLength = 128 * 1024;

    /// <summary>Most bytes of a message that is only skipped.</summary>
    public const int MaxUnknownLength = 64 * 1024;

    /// <summary>Most bytes of any message, header included: a receive buffer never has to be larger.</summary>
    public const int MaxMessageLength = HeaderLength + MaxBitfieldLength;

    /// <summary>Reads the first message of the buffer.</summary>
    /// <param name="consumed">Bytes that the message takes; 0 with false.</param>
    /// <returns>False: more bytes are needed.</returns>
    /// <exception cref="ProtocolException">The length does not fit the type, or a number is past 2^31: drop the peer.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out PeerMessage message, out int consumed)
    {
        return TryRead(buffer, out message, out consumed, out _);
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out PeerMessage, out int)"/>
    /// <param name="needed">With false: how many bytes, from the start of the buffer, the next try needs. A buffer that is smaller must grow.</param>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out PeerMessage message, out int consumed, out int needed)
    {
        message = default;
        consumed = 0;
        needed = HeaderLength;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(buffer);
        if (length == 0)
        {
            message = new PeerMessage { Kind = PeerMessageKind.KeepAlive };
            consumed = HeaderLength;
            return true;
        }

        if (length > MaxMessageLength - HeaderLength)
        {
            throw TooLong(length);
        }

        needed = HeaderLength + 1;
        if (buffer.Length < needed)
        {
            return false;
        }

        var kind = KindOf(buffer[HeaderLength], (int)length);
        needed = HeaderLength + (int)length;
        if (buffer.Length < needed)
        {
            return false;
        }

        message = Parse(kind, buffer[(HeaderLength + 1)..needed]);
        consumed = needed;
        return true;
    }

    private static PeerMessageKind KindOf(byte id, int length)
    {
        var kind = (PeerMessageKind)id;
        switch (kind)
        {
            case PeerMessageKind.Choke or PeerMessageKind.Unchoke or PeerMessageKind.Interested or PeerMessageKind.NotInterested:
            case PeerMessageKind.HaveAll or PeerMessageKind.HaveNone:
                Exactly(1, length, kind);
                return kind;
            case PeerMessageKind.Have or PeerMessageKind.Suggest or PeerMessageKind.AllowedFast:
                Exactly(5, length, kind);
                return kind;
            case PeerMessageKind.Request or PeerMessageKind.Cancel or PeerMessageKind.Reject:
                Exactly(13, length, kind);
                return kind;
            case PeerMessageKind.Port:
                Exactly(3, length, kind);
                return kind;
            case PeerMessageKind.Piece:
                Between(9, 9 + MaxBlockLength, length, kind);
                return kind;
            case PeerMessageKind.Bitfield:
                Between(1, MaxBitfieldLength, length, kind);
                return kind;
            case PeerMessageKind.Extended:
                Between(2, MaxExtendedLength, length, kind);
                return kind;
            default:
                Between(1, MaxUnknownLength, length, PeerMessageKind.Unknown);
                return PeerMessageKind.Unknown;
        }
    }

    private static PeerMessage Parse(PeerMessageKind kind, ReadOnlySpan<byte> body)
    {
        return kind switch
        {
            PeerMessageKind.Have or PeerMessageKind.Suggest or PeerMessageKind.AllowedFast => new PeerMessage
            {
                Kind = kind,
                Piece = Number(body),
            },
            PeerMessageKind.Request or PeerMessageKind.Cancel or PeerMessageKind.Reject => new PeerMessage
            {
                Kind = kind,
                Piece = Number(body),
                Offset = Number(body[4..]),
                Length = Number(body[8..]),
            },
            PeerMessageKind.Piece => new PeerMessage
            {
                Kind = kind,
                Piece = Number(body),
                Offset = Number(body[4..]),
                Length = body.Length - 8,
                Payload = body[8..],
            },
            PeerMessageKind.Port => new PeerMessage { Kind = kind, Port = BinaryPrimitives.ReadUInt16BigEndian(body) },
            PeerMessageKind.Extended => new PeerMessage
            {
                Kind = kind,
                ExtensionId = body[0],
                Payload = body[1..],
            },
            _ => new PeerMessage { Kind = kind, Payload = body },
        };
    }

    private static int Number(ReadOnlySpan<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (value > int.MaxValue)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"No piece, offset or length is {value}.");
        }

        return (int)value;
    }

    private static void Exactly(int right, int length, PeerMessageKind kind)
    {
        if (length != right)
        {
            throw new ProtocolException(ProtocolError.Malformed, $"A {kind} message has {right} bytes, not {length}.");
        }
    }

    private static void Between(int least, int most, int length, PeerMessageKind kind)
    {
        if (length < least || length > most)
        {
            throw new ProtocolException(
                length > most ? ProtocolError.TooLarge : ProtocolError.Malformed,
                $"A {kind} message has {least} to {most} bytes, not {length}."
            );
        }
    }

    private static ProtocolException TooLong(uint length)
    {
        return new ProtocolException(ProtocolError.TooLarge, $"No message has {length} bytes.");
    }
}
