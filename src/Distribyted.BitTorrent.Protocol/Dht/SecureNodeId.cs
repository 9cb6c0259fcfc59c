using System.Numerics;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>Node ids that follow from the node's public address, so that few addresses cannot sit everywhere in the DHT (BEP 42).</summary>
public static class SecureNodeId
{
    private static ReadOnlySpan<byte> MaskIPv4 => [0x03, 0x0f, 0x3f, 0xff];

    private static ReadOnlySpan<byte> MaskIPv6 => [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

    /// <summary>Makes an id for an address: 21 bits follow from the address and three bits of the last byte; the others are those of <paramref name="random"/>.</summary>
    /// <param name="address">The public address; its port does not matter.</param>
    /// <param name="random">20 random bytes.</param>
    public static NodeId Make(PeerEndPoint address, ReadOnlySpan<byte> random)
    {
        Span<byte> id = stackalloc byte[NodeId.Length];
        random[..NodeId.Length].CopyTo(id);
        var crc = PrefixOf(address, id[^1]);
        id[0] = (byte)(crc >> 24);
        id[1] = (byte)((crc >> 16) & 0xff);
        id[2] = (byte)(((crc >> 8) & 0xf8) | (id[2] & 0x07u));
        return new NodeId(id);
    }

    /// <summary>Whether a node at this address may have this id. Of private and loopback addresses nothing can be said: the caller leaves them out.</summary>
    public static bool IsValid(in NodeId id, PeerEndPoint address)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Length];
        id.CopyTo(bytes);
        var crc = PrefixOf(address, bytes[^1]);
        return bytes[0] == (byte)(crc >> 24) && bytes[1] == (byte)((crc >> 16) & 0xff) && (bytes[2] & 0xf8) == (byte)((crc >> 8) & 0xf8);
    }

    private static uint PrefixOf(PeerEndPoint address, byte random)
    {
        Span<byte> compact = stackalloc byte[18];
        address.WriteCompact(compact);
        var mask = address.IsIPv6 ? MaskIPv6 : MaskIPv4;
        var masked = compact[..mask.Length];
        for (var i = 0; i < mask.Length; i++)
        {
            masked[i] &= mask[i];
        }

        masked[0] |= (byte)((random & 7) << 5);
        var crc = uint.MaxValue;
        foreach (var value in masked)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
