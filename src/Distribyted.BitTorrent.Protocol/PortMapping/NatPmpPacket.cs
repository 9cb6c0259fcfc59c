using System.Buffers.Binary;
using System.Net;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>The packets of NAT-PMP (RFC 6886).</summary>
public static class NatPmpPacket
{
    /// <summary>Bytes of a request for the external address.</summary>
    public const int AddressRequestLength = 2;

    /// <summary>Bytes of a request for a mapping.</summary>
    public const int MapRequestLength = 12;

    private const byte Version = 0;
    private const byte AddressOperation = 0;
    private const byte UdpOperation = 1;
    private const byte TcpOperation = 2;
    private const byte AnswerBit = 0x80;
    private const int ErrorLength = 4; // a gateway that knows no operation need not fill in more
    private const int HeaderLength = 8;
    private const int AddressAnswerLength = 12;
    private const int MapAnswerLength = 16;

    /// <summary>Asks for the external address.</summary>
    public static int WriteAddressRequest(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = AddressOperation;
        return AddressRequestLength;
    }

    /// <summary>Asks for a mapping, or renews or deletes it.</summary>
    /// <param name="destination">At least <see cref="MapRequestLength"/> bytes.</param>
    /// <param name="protocol">Of the port.</param>
    /// <param name="internalPort">The port that we listen on.</param>
    /// <param name="externalPort">The port that we would like; 0 to delete.</param>
    /// <param name="lifetime">Seconds; 0 deletes.</param>
    public static int WriteMapRequest(
        Span<byte> destination,
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        uint lifetime
    )
    {
        destination[0] = Version;
        destination[1] = protocol == MappedProtocol.Tcp ? TcpOperation : UdpOperation;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], internalPort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], externalPort);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], lifetime);
        return MapRequestLength;
    }

    /// <summary>Reads an answer, or what a gateway sends by itself when its external address changes (section 3.2.1).</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static NatPmpAnswer ReadAnswer(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < ErrorLength)
        {
            throw new ProtocolException(ProtocolError.Truncated, "Too short for an answer of NAT-PMP.");
        }

        if (datagram[0] != Version)
        {
            throw new ProtocolException(ProtocolError.Unsupported, "Not version 0 of NAT-PMP.");
        }

        if ((datagram[1] & AnswerBit) == 0)
        {
            throw new ProtocolException(ProtocolError.Malformed, "A request of NAT-PMP, not an answer.");
        }

        var protocol = (datagram[1] & ~AnswerBit) switch
        {
            UdpOperation => MappedProtocol.Udp,
            TcpOperation => MappedProtocol.Tcp,
            _ => (MappedProtocol?)null,
        };
        var result = (NatPmpResult)BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        var epoch = datagram.Length >= HeaderLength ? BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) : 0;
        if (result != NatPmpResult.Success)
        {
            return new NatPmpAnswer(protocol, result, epoch, null, 0, 0, 0);
        }

        if (protocol is null && (datagram[1] & ~AnswerBit) != AddressOperation)
        {
            throw new ProtocolException(ProtocolError.Unsupported, "An answer to no operation of NAT-PMP.");
        }

        if (datagram.Length < (protocol is null ? AddressAnswerLength : MapAnswerLength))
        {
            throw new ProtocolException(ProtocolError.Truncated, "An answer of NAT-PMP that ends too early.");
        }

        return protocol is null
            ? new NatPmpAnswer(null, result, epoch, AddressOf(datagram.Slice(8, 4)), 0, 0, 0)
            : new NatPmpAnswer(
                protocol,
                result,
                epoch,
                null,
                BinaryPrimitives.ReadUInt16BigEndian(datagram[8..]),
                BinaryPrimitives.ReadUInt16BigEndian(datagram[10..]),
                BinaryPrimitives.ReadUInt32BigEndian(datagram[12..])
            );
    }

    private static IPAddress? AddressOf(ReadOnlySpan<byte> bytes)
    {
        return bytes.IndexOfAnyExcept((byte)0) < 0 ? null : new IPAddress(bytes);
    }
}
