namespace Distribyted.BitTorrent.Protocol.Utp;

/// <summary>The mask of a selective acknowledgement (BEP 29). Its first bit, the lowest of the first byte, is the packet two behind the acknowledged one:
/// the one right behind it is missing, or it would have been acknowledged.</summary>
public static class UtpSelectiveAck
{
    /// <summary>How far behind the acknowledged packet the first bit is.</summary>
    public const int FirstOffset = 2;

    /// <summary>Packets of which a mask speaks.</summary>
    public static int Count(ReadOnlySpan<byte> mask)
    {
        return mask.Length * 8;
    }

    /// <summary>Whether a packet arrived.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="index">0 for the first bit.</param>
    public static bool Has(ReadOnlySpan<byte> mask, int index)
    {
        return (mask[index >> 3] & (1 << (index & 7))) != 0;
    }

    /// <summary>Notes that a packet arrived.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="index">0 for the first bit.</param>
    public static void Add(Span<byte> mask, int index)
    {
        mask[index >> 3] |= (byte)(1 << (index & 7));
    }
}
