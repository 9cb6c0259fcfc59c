namespace Distribyted.BitTorrent.Protocol.Utp;

/// <summary>Arithmetic of sequence numbers, which go from 65535 to 0.</summary>
public static class UtpSequence
{
    /// <summary>How far <paramref name="to"/> is behind <paramref name="from"/>, -32768 to 32767; below 0: it comes before.</summary>
    public static int Distance(ushort from, ushort to)
    {
        return unchecked((short)(to - from));
    }

    /// <summary>The number that comes <paramref name="count"/> later; earlier when that is below 0.</summary>
    public static ushort Add(ushort sequence, int count)
    {
        return unchecked((ushort)(sequence + count));
    }
}
