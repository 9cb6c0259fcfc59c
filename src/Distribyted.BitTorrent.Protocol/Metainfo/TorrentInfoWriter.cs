using System.Buffers;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Makes info dictionaries (BEP 3, 27, 47). The same input gives the same bytes, and so the same info hash, always.</summary>
public static class TorrentInfoWriter
{
    /// <summary>A torrent that is one file.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="pieceLength">Bytes of a piece.</param>
    /// <param name="pieceHashes">20 bytes of SHA-1 for each piece.</param>
    /// <param name="isPrivate">BEP 27.</param>
    /// <exception cref="ProtocolException">What was given is not a torrent that we would read.</exception>
    public static TorrentInfo WriteFile(string name, long length, int pieceLength, ReadOnlySpan<byte> pieceHashes, bool isPrivate = false)
    {
        var output = Start(pieceHashes);
        var writer = new BencodeWriter(output).Dictionary();
        writer.Key("length"u8).Integer(length);
        return Finish(output, writer, name, pieceLength, pieceHashes, isPrivate);
    }

    /// <summary>A torrent that is a folder.</summary>
    /// <param name="name">The folder's name.</param>
    /// <param name="files">In torrent order.</param>
    /// <param name="pieceLength">Bytes of a piece.</param>
    /// <param name="pieceHashes">20 bytes of SHA-1 for each piece.</param>
    /// <param name="isPrivate">BEP 27.</param>
    /// <exception cref="ProtocolException">What was given is not a torrent that we would read.</exception>
    public static TorrentInfo WriteFolder(
        string name,
        IReadOnlyList<NewTorrentFile> files,
        int pieceLength,
        ReadOnlySpan<byte> pieceHashes,
        bool isPrivate = false
    )
    {
        var output = Start(pieceHashes);
        var writer = new BencodeWriter(output).Dictionary();
        writer.Key("files"u8).List();
        foreach (var file in files)
        {
            writer.Dictionary();
            if (file.Attributes != TorrentFileAttributes.None)
            {
                writer.Key("attr"u8).String(Letters(file.Attributes));
            }

            writer.Key("length"u8).Integer(file.Length).Key("path"u8).List();
            foreach (var part in file.Path)
            {
                writer.String(part);
            }

            writer.End().End();
        }

        writer.End();
        return Finish(output, writer, name, pieceLength, pieceHashes, isPrivate);
    }

    private static ArrayBufferWriter<byte> Start(ReadOnlySpan<byte> pieceHashes)
    {
        return new ArrayBufferWriter<byte>(pieceHashes.Length + 4096);
    }

    private static TorrentInfo Finish(
        ArrayBufferWriter<byte> output,
        BencodeWriter writer,
        string name,
        int pieceLength,
        ReadOnlySpan<byte> pieceHashes,
        bool isPrivate
    )
    {
        writer.Key("name"u8).String(name).Key("piece length"u8).Integer(pieceLength).Key("pieces"u8).String(pieceHashes);
        if (isPrivate)
        {
            writer.Key("private"u8).Integer(1);
        }

        writer.End();
        return TorrentInfoReader.Read(output.WrittenSpan.ToArray());
    }

    private static string Letters(TorrentFileAttributes attributes)
    {
        return (attributes.HasFlag(TorrentFileAttributes.Hidden) ? "h" : "")
            + (attributes.HasFlag(TorrentFileAttributes.SymbolicLink) ? "l" : "")
            + (attributes.HasFlag(TorrentFileAttributes.Padding) ? "p" : "")
            + (attributes.HasFlag(TorrentFileAttributes.Executable) ? "x" : "");
    }
}
