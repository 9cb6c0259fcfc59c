using System.Buffers;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>One message of <c>ut_pex</c> (BEP 11): who came and who went since the last one.</summary>
public sealed class PexMessage(IReadOnlyList<PexPeer> added, IReadOnlyList<PeerEndPoint> dropped)
{
    /// <summary>Most peers of one kind and one address family that are read or written; the rest is ignored (BEP 11).</summary>
    public const int MaxPeers = 50;

    private const int IPv4Length = 6;
    private const int IPv6Length = 18;

    /// <summary>New peers, IPv4 first.</summary>
    public IReadOnlyList<PexPeer> Added { get; } = added;

    /// <summary>Peers that left, IPv4 first.</summary>
    public IReadOnlyList<PeerEndPoint> Dropped { get; } = dropped;

    /// <summary>Reads the text of an extended message. Entries without a port, and odd bytes at the end of a list, are ignored.</summary>
    /// <exception cref="ProtocolException">Not a dictionary.</exception>
    public static PexMessage Read(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> added = default;
        ReadOnlySpan<byte> addedFlags = default;
        ReadOnlySpan<byte> added6 = default;
        ReadOnlySpan<byte> added6Flags = default;
        ReadOnlySpan<byte> dropped = default;
        ReadOnlySpan<byte> dropped6 = default;
        var reader = BencodeReader.Lenient(payload);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (!reader.TryReadString(out var value))
            {
                continue;
            }

            switch (key)
            {
                case var _ when key.SequenceEqual("added"u8):
                    added = value;
                    break;
                case var _ when key.SequenceEqual("added.f"u8):
                    addedFlags = value;
                    break;
                case var _ when key.SequenceEqual("added6"u8):
                    added6 = value;
                    break;
                case var _ when key.SequenceEqual("added6.f"u8):
                    added6Flags = value;
                    break;
                case var _ when key.SequenceEqual("dropped"u8):
                    dropped = value;
                    break;
                case var _ when key.SequenceEqual("dropped6"u8):
                    dropped6 = value;
                    break;
                default:
                    break;
            }
        }

        var newPeers = new List<PexPeer>();
        ReadPeers(added, addedFlags, IPv4Length, newPeers);
        ReadPeers(added6, added6Flags, IPv6Length, newPeers);
        var gone = new List<PexPeer>();
        ReadPeers(dropped, default, IPv4Length, gone);
        ReadPeers(dropped6, default, IPv6Length, gone);
        return new PexMessage(newPeers, gone.ConvertAll(static peer => peer.EndPoint));
    }

    /// <summary>Writes the text of an extended message; at most <see cref="MaxPeers"/> of each kind and family.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output).Dictionary();
        WritePeers(writer, "added"u8, "added.f"u8, Added, isIPv6: false);
        WritePeers(writer, "added6"u8, "added6.f"u8, Added, isIPv6: true);
        var gone = new List<PexPeer>(Dropped.Count);
        foreach (var endPoint in Dropped)
        {
            gone.Add(new PexPeer(endPoint, PexTraits.None));
        }

        WritePeers(writer, "dropped"u8, default, gone, isIPv6: false);
        WritePeers(writer, "dropped6"u8, default, gone, isIPv6: true);
        writer.End();
    }

    private static void ReadPeers(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> flags, int length, List<PexPeer> peers)
    {
        var count = Math.Min(bytes.Length / length, MaxPeers);
        for (var i = 0; i < count; i++)
        {
            var endPoint = PeerEndPoint.ReadCompact(bytes.Slice(i * length, length));
            if (endPoint.Port != 0)
            {
                peers.Add(new PexPeer(endPoint, i < flags.Length ? (PexTraits)flags[i] : PexTraits.None));
            }
        }
    }

    private static void WritePeers(
        BencodeWriter writer,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> flagsKey,
        IReadOnlyList<PexPeer> peers,
        bool isIPv6
    )
    {
        Span<byte> bytes = stackalloc byte[MaxPeers * IPv6Length];
        Span<byte> flags = stackalloc byte[MaxPeers];
        var count = 0;
        var length = 0;
        for (var i = 0; i < peers.Count && count < MaxPeers; i++)
        {
            if (peers[i].EndPoint.IsIPv6 == isIPv6)
            {
                length += peers[i].EndPoint.WriteCompact(bytes[length..]);
                flags[count++] = (byte)peers[i].Flags;
            }
        }

        writer.Key(key).String(bytes[..length]);
        if (!flagsKey.IsEmpty)
        {
            writer.Key(flagsKey).String(flags[..count]);
        }
    }
}
