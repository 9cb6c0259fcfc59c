using System.Buffers.Binary;
using System.Net;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>The packets of PCP, version 2 (RFC 6887): MAP without options, and ANNOUNCE.</summary>
public static class PcpPacket
{
    /// <summary>Bytes of a MAP request, and at least of its answer.</summary>
    public const int MapLength = 60;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 12;

    private const byte Version = 2;
    private const byte AnnounceOperation = 0;
    private const byte MapOperation = 1;
    private const byte AnswerBit = 0x80;
    private const int HeaderLength = 24;
    private const int AddressLength = 16;
    private const int MaxLength = 1100; // section 7

    /// <summary>Asks for a mapping, or renews or deletes it (section 11.1).</summary>
    /// <param name="destination">At least <see cref="MapLength"/> bytes.</param>
    /// <param name="client">The address that the request is sent from, which is also the one that is mapped.</param>
    /// <param name="nonce"><see cref="NonceLength"/> bytes; the same for as long as the mapping lives, since it can be changed with them only.</param>
    /// <param name="protocol">Of the port.</param>
    /// <param name="internalPort">The port that we listen on.</param>
    /// <param name="externalPort">The port that we would like; 0: any.</param>
    /// <param name="lifetime">Seconds; 0 deletes.</param>
    public static int WriteMapRequest(
        Span<byte> destination,
        IPAddress client,
        ReadOnlySpan<byte> nonce,
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        uint lifetime
    )
    {
        destination[..MapLength].Clear();
        destination[0] = Version;
        destination[1] = MapOperation;
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], lifetime);
        var plain = ClientAddress.Plain(client);
        plain.MapToIPv6().TryWriteBytes(destination[8..HeaderLength], out _);
        nonce[..NonceLength].CopyTo(destination[HeaderLength..]);
        destination[36] = (byte)protocol;
        BinaryPrimitives.WriteUInt16BigEndian(destination[40..], internalPort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[42..], externalPort);
        var any = plain.IsIPv6() ? IPAddress.IPv6Any : IPAddress.Any; // of the family that is mapped (section 11.1)
        any.MapToIPv6().TryWriteBytes(destination[44..], out _);
        return MapLength;
    }

    /// <summary>Reads an answer, or what a gateway sends by itself after it lost its mappings (section 14.1).</summary>
    /// <exception cref="ProtocolException">It is none; <see cref="ProtocolError.Unsupported"/>: the gateway speaks another version, 0 is NAT-PMP.</exception>
    public static PcpAnswer ReadAnswer(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 4)
        {
            throw new ProtocolException(ProtocolError.Truncated, "Too short for an answer of PCP.");
        }

        if ((datagram[1] & AnswerBit) == 0)
        {
            throw new ProtocolException(ProtocolError.Malformed, "A request of PCP, not an answer.");
        }

        if (datagram[0] != Version)
        {
            throw new ProtocolException(ProtocolError.Unsupported, $"Version {datagram[0]}, not 2, of PCP.");
        }

        if (datagram.Length < HeaderLength)
        {
            throw new ProtocolException(ProtocolError.Truncated, "An answer of PCP that ends too early.");
        }

        if (datagram.Length > MaxLength)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"An answer of PCP of more than {MaxLength} bytes.");
        }

        var operation = datagram[1] & ~AnswerBit;
        var result = (PcpResult)datagram[3];
        var lifetime = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]);
        var epoch = BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]);
        if (operation == AnnounceOperation)
        {
            return new PcpAnswer(false, result, lifetime, epoch, "", 0, 0, 0, null);
        }

        if (operation != MapOperation)
        {
            throw new ProtocolException(ProtocolError.Unsupported, "An answer to another operation of PCP than MAP and ANNOUNCE.");
        }

        if (datagram.Length < MapLength && result != PcpResult.Success)
        {
            return new PcpAnswer(true, result, lifetime, epoch, "", 0, 0, 0, null); // the head is enough to refuse
        }

        if (datagram.Length < MapLength)
        {
            throw new ProtocolException(ProtocolError.Truncated, "An answer of PCP to MAP that ends too early.");
        }

        var address = datagram.Slice(44, AddressLength);
        return new PcpAnswer(
            true,
            result,
            lifetime,
            epoch,
            Convert.ToHexStringLower(datagram.Slice(HeaderLength, NonceLength)),
            datagram[36],
            BinaryPrimitives.ReadUInt16BigEndian(datagram[40..]),
            BinaryPrimitives.ReadUInt16BigEndian(datagram[42..]),
            AddressOf(address)
        );
    }

    private static IPAddress? AddressOf(ReadOnlySpan<byte> bytes)
    {
        var plain = ClientAddress.Plain(new IPAddress(bytes));
        return plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) ? null : plain;
    }

    private static bool IsIPv6(this IPAddress plain)
    {
        return plain.GetAddressBytes().Length == AddressLength;
    }
}
