using Distribyted.BitTorrent.Protocol.Bencoding;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

/// <summary>Info dictionaries for tests: piece length 16 KiB, hashes of zeros.</summary>
internal static class Torrents
{
    public const int PieceLength = 16 * 1024;

    /// <summary>What an info dictionary of one file of 20 000 bytes looks like around <paramref name="extra"/> keys behind the others.</summary>
    public static byte[] SingleFile(byte[]? name = null, Action<BencodeWriter>? extra = null)
    {
        return Fuzz.Bencode(writer =>
        {
            writer.Dictionary().Key("length"u8).Integer(20_000).Key("name"u8).String(name ?? "film.mkv"u8.ToArray());
            extra?.Invoke(writer);
            writer.Key("piece length"u8).Integer(PieceLength).Key("pieces"u8).String(new byte[40]).End();
        });
    }

    /// <summary>Files of one byte each at these raw paths; parts are divided by <c>|</c>, characters are bytes.</summary>
    public static byte[] Folder(params string[] paths)
    {
        return Fuzz.Bencode(writer =>
        {
            writer.Dictionary().Key("files"u8).List();
            foreach (var path in paths)
            {
                writer.Dictionary().Key("length"u8).Integer(1).Key("path"u8).List();
                foreach (var part in path.Split('|'))
                {
                    writer.String(Fuzz.Ascii(part));
                }

                writer.End().End();
            }

            writer.End().Key("name"u8).String("folder");
            writer
                .Key("piece length"u8)
                .Integer(PieceLength)
                .Key("pieces"u8)
                .String(new byte[20 * ((paths.Length + PieceLength - 1) / PieceLength)])
                .End();
        });
    }

    /// <summary>The paths that come out, parts divided by <c>/</c>.</summary>
    public static string[] Paths(TorrentInfo info)
    {
        return [.. info.Files.Select(static file => string.Join('/', file.Path))];
    }

    public static ProtocolException Refusal(Action read)
    {
        return Assert.Throws<ProtocolException>(() => read());
    }
}
