using System.Text.Unicode;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>The names of a torrent's files as its info dictionary has them, byte for byte: web seeds know files by these (BEP 19), not by the names that
/// <see cref="TorrentFile"/> has made safe.</summary>
internal static class WebSeedPaths
{
    /// <summary>Reads the names, in the order of <see cref="TorrentInfo.Files"/>.</summary>
    /// <returns>The torrent's own name, and for each file what comes below it; a torrent of a single file has one file without names.</returns>
    public static (byte[] Name, IReadOnlyList<byte[][]> Files) Read(TorrentInfo info)
    {
        byte[] name = [];
        byte[]? utf8Name = null;
        List<byte[][]> files = [];
        var reader = new BencodeReader(info.Bytes.Span);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("name"u8) && reader.Peek() == BencodeKind.String)
            {
                name = reader.ReadString().ToArray();
            }
            else if (key.SequenceEqual("name.utf-8"u8) && reader.Peek() == BencodeKind.String)
            {
                utf8Name = reader.ReadString().ToArray();
            }
            else if (key.SequenceEqual("files"u8) && reader.Peek() == BencodeKind.List)
            {
                ReadFiles(ref reader, files);
            }
            else
            {
                reader.Skip();
            }
        }

        return (
            utf8Name is { Length: > 0 } && Utf8.IsValid(utf8Name) ? utf8Name : name,
            info.IsSingleFile
                ?
                [
                    [],
                ]
                : files
        );
    }

    private static void ReadFiles(ref BencodeReader reader, List<byte[][]> files)
    {
        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            List<byte[]> path = [];
            List<byte[]> utf8Path = [];
            reader.ReadDictionaryStart();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("path"u8))
                {
                    ReadPath(ref reader, path);
                }
                else if (key.SequenceEqual("path.utf-8"u8))
                {
                    ReadPath(ref reader, utf8Path);
                }
                else
                {
                    reader.Skip();
                }
            }

            files.Add([.. utf8Path.Count > 0 && utf8Path.TrueForAll(static name => Utf8.IsValid(name)) ? utf8Path : path]);
        }
    }

    private static void ReadPath(ref BencodeReader reader, List<byte[]> path)
    {
        if (reader.Peek() != BencodeKind.List)
        {
            reader.Skip();
            return;
        }

        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            if (reader.TryReadString(out var name))
            {
                path.Add(name.ToArray());
            }
        }
    }
}
