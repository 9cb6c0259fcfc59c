using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What a message of the holepunch extension asks for or tells (BEP 55).</summary>
public enum HolepunchKind : byte
{
    /// <summary>To a relay: have this peer and me connect to one another.</summary>
    Rendezvous = 0,

    /// <summary>From a relay: connect to this peer over µTP now.</summary>
    Connect = 1,

    /// <summary>From a relay: it cannot be done.</summary>
    Error = 2,
}

/// <summary>Why a relay could not help (BEP 55).</summary>
public enum HolepunchError
{
    /// <summary>It could.</summary>
    None = 0,

    /// <summary>The end point is none that a peer can have.</summary>
    NoSuchPeer = 1,

    /// <summary>The relay is not connected to it.</summary>
    NotConnected = 2,

    /// <summary>It does not speak the extension.</summary>
    NoSupport = 3,

    /// <summary>It is the relay.</summary>
    NoSelf = 4,
}

/// <summary>One message of <c>ut_holepunch</c> (BEP 55).</summary>
/// <param name="Kind">What it is.</param>
/// <param name="EndPoint">Of the peer that is meant.</param>
/// <param name="Error">Why it cannot be done.</param>
public readonly record struct HolepunchMessage(HolepunchKind Kind, PeerEndPoint EndPoint, HolepunchError Error = HolepunchError.None)
{
    /// <summary>Most bytes of it with the header of an extended message.</summary>
    public const int MaxLength = 6 + LongestText;

    private const int LongestText = 2 + 18 + 4;

    /// <summary>Reads the text of an extended message. The error is not there in messages of some programs that tell of none.</summary>
    /// <exception cref="ProtocolException">It is too short, or of a kind or family that does not exist.</exception>
    public static HolepunchMessage Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2 || payload[0] > (byte)HolepunchKind.Error || payload[1] > 1)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not a message of the holepunch extension.");
        }

        var length = payload[1] == 0 ? 6 : 18;
        if (payload.Length < 2 + length)
        {
            throw new ProtocolException(ProtocolError.Truncated, "A message of the holepunch extension has no end point.");
        }

        var endPoint = PeerEndPoint.ReadCompact(payload.Slice(2, length));
        var rest = payload[(2 + length)..];
        var error = rest.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(rest) : 0;
        return new HolepunchMessage((HolepunchKind)payload[0], endPoint, (HolepunchError)Math.Min(error, int.MaxValue));
    }

    /// <summary>Writes a whole extended message, header included.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="extensionId">The id that the receiver gave out.</param>
    /// <returns>Bytes written.</returns>
    public int WriteMessage(Span<byte> destination, byte extensionId)
    {
        var text = 2 + EndPoint.CompactLength + 4;
        var header = PeerMessageWriter.WriteExtendedHeader(destination, extensionId, text);
        var output = destination[header..];
        output[0] = (byte)Kind;
        output[1] = EndPoint.IsIPv6 ? (byte)1 : (byte)0;
        EndPoint.WriteCompact(output[2..]);
        BinaryPrimitives.WriteInt32BigEndian(output[(2 + EndPoint.CompactLength)..], (int)Error);
        return header + text;
    }
}
