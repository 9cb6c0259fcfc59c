namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>A packet that was sent and is not acknowledged by number yet.</summary>
internal struct SentPacket
{
    /// <summary>Where its payload begins in the stream, modulo 2^32.</summary>
    public uint Offset;

    /// <summary>Bytes of payload.</summary>
    public int Length;

    /// <summary>When it was sent last, microseconds.</summary>
    public long SentAt;

    /// <summary>How often.</summary>
    public int Sends;

    /// <summary>Arrived, behind a gap.</summary>
    public bool HasArrived;

    /// <summary>Counts as lost and is to be sent again.</summary>
    public bool IsLost;

    /// <summary>It is the last of the stream.</summary>
    public bool IsFin;
}
