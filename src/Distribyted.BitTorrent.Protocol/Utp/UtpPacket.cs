using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Utp;

/// <summary>One µTP packet as it lies in a datagram (BEP 29). Allocates nothing; valid as long as the datagram is.</summary>
public readonly ref struct UtpPacket
{
    private const int Version = 1;
    private const byte SelectiveAckExtension = 1;
    private const byte PaddingExtension = 0x7F; // of no BEP: receivers skip extensions that they do not know
    private const int ExtensionHeader = 2; // the next extension, and the length of this one
    private const int LongestExtension = 255;

    private UtpPacket(UtpHeader header, ReadOnlySpan<byte> selectiveAck, ReadOnlySpan<byte> payload)
    {
        Header = header;
        SelectiveAck = selectiveAck;
        Payload = payload;
    }

    /// <summary>Its first 20 bytes.</summary>
    public UtpHeader Header { get; }

    /// <summary>What arrived behind the first gap: see <see cref="UtpSelectiveAck"/>. Empty: not said. Of any length: libtorrent does not fill
    /// it up to four bytes.</summary>
    public ReadOnlySpan<byte> SelectiveAck { get; }

    /// <summary>Bytes of the stream.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads any bytes. Never throws: on a UDP port anything may arrive, and an exception for each of it would be a way to keep us busy.</summary>
    /// <returns>False: it is no packet of µTP, or a broken one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out UtpPacket packet)
    {
        packet = default;
        if (datagram.Length < UtpHeader.Length || (datagram[0] & 0xF) != Version || datagram[0] >> 4 > (int)UtpPacketType.Syn)
        {
            return false;
        }

        var selectiveAck = ReadOnlySpan<byte>.Empty;
        var rest = datagram[UtpHeader.Length..];
        for (var extension = datagram[1]; extension != 0; )
        {
            if (rest.Length < ExtensionHeader || rest.Length - ExtensionHeader < rest[1])
            {
                return false;
            }

            var content = rest.Slice(ExtensionHeader, rest[1]);
            selectiveAck = extension == SelectiveAckExtension ? content : selectiveAck;
            extension = rest[0];
            rest = rest[(ExtensionHeader + content.Length)..];
        }

        packet = new UtpPacket(ReadHeader(datagram), selectiveAck, rest);
        return true;
    }

    /// <summary>Writes the header of a packet without extensions; its payload follows.</summary>
    /// <param name="destination">At least 20 bytes.</param>
    /// <param name="header">What to write.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, UtpHeader header)
    {
        destination[0] = (byte)(((int)header.Type << 4) | Version);
        destination[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], header.ConnectionId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], header.Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], header.TimestampDifference);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], header.Window);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], header.Sequence);
        BinaryPrimitives.WriteUInt16BigEndian(destination[18..], header.Acknowledged);
        return UtpHeader.Length;
    }

    /// <summary>Writes a header with a selective acknowledgement.</summary>
    /// <param name="destination">At least 22 bytes and the mask.</param>
    /// <param name="header">What to write.</param>
    /// <param name="selectiveAck">A multiple of four bytes, 4 to 252.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, UtpHeader header, ReadOnlySpan<byte> selectiveAck)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(selectiveAck.Length, LongestExtension, nameof(selectiveAck));
        var length = Write(destination, header);
        destination[1] = SelectiveAckExtension;
        destination[length] = 0;
        destination[length + 1] = (byte)selectiveAck.Length;
        selectiveAck.CopyTo(destination[(length + ExtensionHeader)..]);
        return length + ExtensionHeader + selectiveAck.Length;
    }

    /// <summary>Writes a header that is longer than it needs to be, to find out whether a packet of some length passes. When it does not, the payload can
    /// be sent again without the padding, under the same number.</summary>
    /// <param name="destination">At least 20 bytes and the padding.</param>
    /// <param name="header">What to write.</param>
    /// <param name="padding">Bytes in addition, at least 2.</param>
    /// <returns>Bytes written.</returns>
    public static int WritePadded(Span<byte> destination, UtpHeader header, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(padding, ExtensionHeader);
        var length = Write(destination, header);
        destination[1] = PaddingExtension;
        var end = length + padding;
        while (length < end)
        {
            var left = end - length;
            var part = Math.Min(left, ExtensionHeader + LongestExtension);
            part -= left - part == 1 ? 1 : 0; // the next one needs two bytes
            destination[length] = part < left ? PaddingExtension : (byte)0;
            destination[length + 1] = (byte)(part - ExtensionHeader);
            destination.Slice(length + ExtensionHeader, part - ExtensionHeader).Clear();
            length += part;
        }

        return length;
    }

    private static UtpHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        return new UtpHeader(
            (UtpPacketType)(bytes[0] >> 4),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[18..])
        );
    }
}
