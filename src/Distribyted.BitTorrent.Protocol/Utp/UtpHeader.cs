namespace Distribyted.BitTorrent.Protocol.Utp;

/// <summary>The first 20 bytes of every µTP packet (BEP 29).</summary>
/// <param name="Type">What the packet is for.</param>
/// <param name="ConnectionId">The id under which the receiver knows the connection; in a SYN the one that its sender will know it under.</param>
/// <param name="Timestamp">Microseconds of the sender's clock, modulo 2^32.</param>
/// <param name="TimestampDifference">Microseconds that the last packet took the other way, plus an unknown constant: the difference of two clocks. 0: not known.</param>
/// <param name="Window">Bytes that the sender of this packet can still take.</param>
/// <param name="Sequence">The packet's number; in a STATE that of the next DATA.</param>
/// <param name="Acknowledged">The last packet of the other side before the first gap.</param>
public readonly record struct UtpHeader(
    UtpPacketType Type,
    ushort ConnectionId,
    uint Timestamp,
    uint TimestampDifference,
    uint Window,
    ushort Sequence,
    ushort Acknowledged
)
{
    /// <summary>Bytes of it.</summary>
    public const int Length = 20;
}
