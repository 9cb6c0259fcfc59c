using System.Buffers.Binary;
using System.Net;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Protocol;

/// <summary>Where a peer listens: an IPv4 or IPv6 address and a port. IPv4-mapped IPv6 addresses are IPv4 here.</summary>
public readonly record struct PeerEndPoint
{
    private readonly ulong _high; // not a UInt128: code with that in a field cannot be compiled before the program runs
    private readonly ulong _low;

    /// <summary>Takes an address and a port, 0 to 65535.</summary>
    public PeerEndPoint(IPAddress address, int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unchecked((uint)port), 65535u, nameof(port));
        var plain = ClientAddress.Plain(address);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        IsIPv6 = !plain.TryWriteBytes(bytes[12..], out _);
        if (IsIPv6)
        {
            plain.TryWriteBytes(bytes, out _);
        }

        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        Port = (ushort)port;
    }

    /// <summary>Takes the bytes of an address, 4 or 16, and a port, 0 to 65535. Allocates nothing.</summary>
    public PeerEndPoint(ReadOnlySpan<byte> address, int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unchecked((uint)port), 65535u, nameof(port));
        if (address.Length == 16 && address[..12].SequenceEqual(MappedPrefix))
        {
            address = address[12..];
        }

        IsIPv6 = address.Length == 16;
        _high = IsIPv6 ? BinaryPrimitives.ReadUInt64BigEndian(address) : 0;
        _low = IsIPv6 ? BinaryPrimitives.ReadUInt64BigEndian(address[8..]) : BinaryPrimitives.ReadUInt32BigEndian(address);
        Port = (ushort)port;
    }

    /// <summary>Takes a socket's end point.</summary>
    public PeerEndPoint(IPEndPoint endPoint)
        : this(endPoint.Address, endPoint.Port) { }

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]; // RFC 4291, section 2.5.5.2

    /// <summary>Whether it is an IPv6 address.</summary>
    public bool IsIPv6 { get; }

    /// <summary>Whether it is on this machine: 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv6 ? (_high, _low) == (0, 1) : _low >> 24 == 127;

    /// <summary>TCP or UDP port.</summary>
    public ushort Port { get; }

    /// <summary>The address alone.</summary>
    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            WriteAddress(bytes);
            return new IPAddress(IsIPv6 ? bytes : bytes[12..]);
        }
    }

    /// <summary>Bytes in compact form: 6 for IPv4 (BEP 23), 18 for IPv6 (BEP 7).</summary>
    public int CompactLength => IsIPv6 ? 18 : 6;

    /// <summary>Reads the compact form: 6 bytes are IPv4, 18 are IPv6.</summary>
    /// <exception cref="ProtocolException">Neither 6 nor 18 bytes.</exception>
    public static PeerEndPoint ReadCompact(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is not (6 or 18))
        {
            throw new ProtocolException(ProtocolError.Malformed, "A compact peer has 6 or 18 bytes.");
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[^2..]);
        return new PeerEndPoint(bytes[..^2], port);
    }

    /// <summary>Writes the compact form and says how many bytes it took.</summary>
    public int WriteCompact(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteAddress(bytes);
        var address = IsIPv6 ? bytes : bytes[12..];
        address.CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[address.Length..], Port);
        return address.Length + 2;
    }

    /// <summary>For sockets.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        return new IPEndPoint(Address, Port);
    }

    /// <summary><c>1.2.3.4:6881</c> or <c>[2001:db8::1]:6881</c>.</summary>
    public override string ToString()
    {
        return ToIPEndPoint().ToString();
    }

    private void WriteAddress(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }
}
