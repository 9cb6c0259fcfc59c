using System.Buffers.Binary;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>Answers SYNs without remembering them: our first number is a keyed hash of address, id, number of the SYN and time (as SYN cookies of TCP, RFC
/// 4987). The packet that acknowledges it shows that its sender got our answer, and is one of the first behind the SYN. Safe for use by many threads.</summary>
internal sealed class SynCookies
{
    private const long Slot = 16 * UtpLimits.Second; // a cookie is good for 16 to 32 seconds
    private const int Overtaking = 4; // packets of the first ones that may have been lost or overtaken: each makes a guess likelier

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Our first number for a SYN.</summary>
    public ushort SequenceFor(PeerEndPoint from, UtpHeader syn, long now)
    {
        return Hash(from, syn.ConnectionId, syn.Sequence, now / Slot);
    }

    /// <summary>Whether a packet of an unknown connection comes from who got our answer to its SYN, and acknowledges nothing more.</summary>
    /// <param name="from">Who sent it.</param>
    /// <param name="header">Of the packet.</param>
    /// <param name="now">The time.</param>
    /// <param name="synSequence">The number of the SYN.</param>
    public bool TryConfirm(PeerEndPoint from, UtpHeader header, long now, out ushort synSequence)
    {
        var synId = UtpSequence.Add(header.ConnectionId, -1);
        var sequence = UtpSequence.Add(header.Acknowledged, 1);
        for (var behind = 1; behind <= Overtaking; behind++)
        {
            synSequence = UtpSequence.Add(header.Sequence, -behind);
            for (var slot = now / Slot; slot >= (now / Slot) - 1; slot--)
            {
                if (Hash(from, synId, synSequence, slot) == sequence)
                {
                    return true;
                }
            }
        }

        synSequence = 0;
        return false;
    }

    private ushort Hash(PeerEndPoint from, ushort synId, ushort synSequence, long slot)
    {
        Span<byte> input = stackalloc byte[18 + 2 + 2 + 8];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var length = from.WriteCompact(input);
        BinaryPrimitives.WriteUInt16BigEndian(input[length..], synId);
        BinaryPrimitives.WriteUInt16BigEndian(input[(length + 2)..], synSequence);
        BinaryPrimitives.WriteInt64BigEndian(input[(length + 4)..], slot);
        HMACSHA256.HashData(_key, input[..(length + 12)], hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash);
    }
}
