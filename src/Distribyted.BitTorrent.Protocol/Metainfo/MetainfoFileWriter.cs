using System.Buffers;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Writes <c>.torrent</c> files (BEP 3, 12, 19).</summary>
internal static class MetainfoFileWriter
{
    public static byte[] Write(MetainfoFile file)
    {
        var output = new ArrayBufferWriter<byte>(file.Info.Bytes.Length + 1024);
        var writer = new BencodeWriter(output).Dictionary();
        if (file.Trackers is [[var first, ..], ..])
        {
            writer.Key("announce"u8).String(first);
        }

        if (file.Trackers.Count > 1 || file.Trackers is [{ Count: > 1 }])
        {
            writer.Key("announce-list"u8);
            WriteTiers(writer, file.Trackers);
        }

        if (file.Comment is not null)
        {
            writer.Key("comment"u8).String(file.Comment);
        }

        if (file.Created is { } created)
        {
            writer.Key("creation date"u8).Integer(created.ToUnixTimeSeconds());
        }

        if (file.Info.Encoding is not null)
        {
            writer.Key("encoding"u8).String(file.Info.Encoding);
        }

        writer.Key("info"u8).Raw(file.Info.Bytes.Span);
        if (file.Nodes.Count > 0)
        {
            writer.Key("nodes"u8).List();
            foreach (var (host, port) in file.Nodes)
            {
                writer.List().String(host).Integer(port).End();
            }

            writer.End();
        }

        if (file.WebSeeds.Count > 0)
        {
            writer.Key("url-list"u8);
            WriteList(writer, file.WebSeeds);
        }

        writer.End();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteTiers(BencodeWriter writer, IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        writer.List();
        foreach (var tier in tiers)
        {
            WriteList(writer, tier);
        }

        writer.End();
    }

    private static void WriteList(BencodeWriter writer, IReadOnlyList<string> values)
    {
        writer.List();
        foreach (var value in values)
        {
            writer.String(value);
        }

        writer.End();
    }
}
