using System.Buffers;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>What is kept of one address family of the DHT between two runs: a bencoded dictionary.</summary>
/// <param name="Self">Our id.</param>
/// <param name="Address">Our public address; null: it was not known.</param>
/// <param name="Nodes">The routing table.</param>
public sealed record SavedDht(NodeId Self, PeerEndPoint? Address, IReadOnlyList<CompactNode> Nodes)
{
    /// <summary>Most bytes of a file that is read.</summary>
    public const int MaxFileLength = 256 * 1024;

    private const int MaxNodes = 2000;

    /// <summary>Writes a file.</summary>
    /// <param name="ipv4">Null: that family is not used.</param>
    /// <param name="ipv6">Null: that family is not used.</param>
    public static byte[] Write(SavedDht? ipv4, SavedDht? ipv6)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output).Dictionary();
        ipv4?.Write(writer.Key("ipv4"u8));
        ipv6?.Write(writer.Key("ipv6"u8));
        writer.End();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ProtocolException">It is empty, torn or something else.</exception>
    public static (SavedDht? IPv4, SavedDht? IPv6) Read(ReadOnlySpan<byte> file)
    {
        SavedDht? ipv4 = null;
        SavedDht? ipv6 = null;
        var reader = new BencodeReader(file);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("ipv4"u8))
            {
                ipv4 = Read(ref reader, isIPv6: false);
            }
            else if (key.SequenceEqual("ipv6"u8))
            {
                ipv6 = Read(ref reader, isIPv6: true);
            }
            else
            {
                reader.Skip();
            }
        }

        reader.ExpectEndOfBytes();
        return (ipv4, ipv6);
    }

    private static SavedDht Read(ref BencodeReader reader, bool isIPv6)
    {
        NodeId? self = null;
        PeerEndPoint? address = null;
        List<CompactNode> nodes = [];
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("address"u8))
            {
                address = PeerEndPoint.ReadCompact(reader.ReadString());
            }
            else if (key.SequenceEqual("id"u8) && reader.ReadString() is { Length: NodeId.Length } id)
            {
                self = new NodeId(id);
            }
            else if (key.SequenceEqual("nodes"u8))
            {
                CompactNode.ReadAll(reader.ReadString(), isIPv6, MaxNodes, nodes);
            }
            else if (!key.SequenceEqual("id"u8))
            {
                reader.Skip();
            }
        }

        if (address is { } known && known.IsIPv6 != isIPv6)
        {
            throw new ProtocolException(ProtocolError.Invalid, "The address is of the other family.");
        }

        return new SavedDht(self ?? throw new ProtocolException(ProtocolError.Missing, "There is no node id."), address, nodes);
    }

    private void Write(BencodeWriter writer)
    {
        Span<byte> bytes = stackalloc byte[CompactNode.LengthIPv6];
        writer.Dictionary();
        if (Address is { } address)
        {
            writer.Key("address"u8).String(bytes[..address.WriteCompact(bytes)]);
        }

        Self.CopyTo(bytes);
        writer.Key("id"u8).String(bytes[..NodeId.Length]);
        var nodes = new ArrayBufferWriter<byte>();
        foreach (var node in Nodes.Take(MaxNodes))
        {
            nodes.Write(bytes[..node.Write(bytes)]);
        }

        writer.Key("nodes"u8).String(nodes.WrittenSpan).End();
    }
}
