// Longer than most: one dictionary, whose fields are checked against each other.
using System.Text;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Reads info dictionaries (BEP 3, 27, 47), from whatever source.</summary>
public static class TorrentInfoReader
{
    /// <summary>Most bytes of an info dictionary, and of a <c>.torrent</c> file.</summary>
    public const int MaxLength = 32 * 1024 * 1024;

    /// <summary>Most files of one torrent, padding included.</summary>
    public const int MaxFiles = 200_000;

    /// <summary>Most folders in which a file may lie, its own name included.</summary>
    public const int MaxPathDepth = 64;

    /// <summary>Most names in all paths together, so that no torrent can fill the memory with folders.</summary>
    public const int MaxNames = 1_000_000;

    private const int HashLength = 20;

    /// <summary>Reads an info dictionary. Hybrid torrents are read as v1.</summary>
    /// <param name="infoBytes">The dictionary and nothing else. It is kept, not copied: do not change it afterwards.</param>
    /// <param name="encoding">What <see cref="TorrentInfo.Encoding"/> was, or what the <c>.torrent</c> says; for names that are not UTF-8.</param>
    /// <exception cref="ProtocolException">Not an info dictionary, beyond the limits, or only BitTorrent v2 (<see cref="ProtocolError.Unsupported"/>).</exception>
    public static TorrentInfo Read(ReadOnlyMemory<byte> infoBytes, string? encoding = null)
    {
        if (infoBytes.Length > MaxLength)
        {
            throw new ProtocolException(
                ProtocolError.TooLarge,
                $"The torrent's metadata has {infoBytes.Length} bytes; at most {MaxLength} are accepted."
            );
        }

        var declared = SafeName.FindEncoding(encoding);
        var fields = ReadFields(infoBytes, declared);
        if (fields.Pieces is not { } pieces)
        {
            throw fields.IsVersion2
                ? new ProtocolException(
                    ProtocolError.Unsupported,
                    "The torrent is BitTorrent v2 only (BEP 52), which is not supported; a v1 or hybrid torrent of it would work."
                )
                : new ProtocolException(ProtocolError.Missing, "The torrent has no piece hashes.");
        }

        var infoHash = InfoHash.Compute(infoBytes.Span);
        var name = fields.Name is { } known ? SafeName.Make(known) : infoHash.ToString();
        var isSingleFile = fields.Files is null;
        var found = fields.Files ?? Single(name, fields);
        var total = 0L;
        foreach (var file in found)
        {
            if (file.Length < 0 || file.Length > PieceLayout.MaxTotalLength - total)
            {
                throw new ProtocolException(ProtocolError.Invalid, $"A file of {file.Length} bytes: no torrent has that.");
            }

            total += file.Length;
        }

        if (total == 0)
        {
            throw new ProtocolException(ProtocolError.Invalid, "The torrent is empty: its files have no bytes.");
        }

        var layout = new PieceLayout(
            total,
            fields.PieceLength ?? throw new ProtocolException(ProtocolError.Missing, "The torrent has no piece length.")
        );
        if (pieces.Length != (long)layout.PieceCount * HashLength)
        {
            throw new ProtocolException(
                ProtocolError.Invalid,
                $"The torrent has {pieces.Length} bytes of piece hashes; its {layout.PieceCount} pieces need {(long)layout.PieceCount * HashLength}."
            );
        }

        SafePaths.MakeUnique(
            found.ConvertAll(static file => file.Path),
            file => found[file].Attributes.HasFlag(TorrentFileAttributes.Padding)
        );
        return new TorrentInfo(
            infoHash,
            isSingleFile ? found[0].Path[0] : name,
            layout,
            pieces,
            Place(found),
            isSingleFile,
            fields.IsPrivate,
            infoBytes,
            declared is null ? null : encoding
        );
    }

    private static Fields ReadFields(ReadOnlyMemory<byte> infoBytes, Encoding? declared)
    {
        var fields = new Fields();
        var reader = new BencodeReader(infoBytes.Span);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("files"u8) && reader.Peek() == BencodeKind.List)
            {
                fields.Files = ReadFiles(ref reader, declared);
            }
            else if (key.SequenceEqual("length"u8) && reader.Peek() == BencodeKind.Integer)
            {
                fields.Length = reader.ReadInteger();
            }
            else if (key.SequenceEqual("name"u8) && reader.Peek() == BencodeKind.String)
            {
                var name = SafeName.Decode(reader.ReadString(), declared);
                fields.Name ??= name;
            }
            else if (key.SequenceEqual("name.utf-8"u8) && reader.Peek() == BencodeKind.String)
            {
                var name = reader.ReadString();
                fields.Name = name.Length > 0 && System.Text.Unicode.Utf8.IsValid(name) ? SafeName.Decode(name, null) : fields.Name;
            }
            else if (key.SequenceEqual("piece length"u8))
            {
                fields.PieceLength = reader.ReadInteger();
            }
            else if (key.SequenceEqual("pieces"u8))
            {
                var length = reader.ReadString().Length;
                fields.Pieces = infoBytes.Slice(reader.Position - length, length);
            }
            else if (key.SequenceEqual("private"u8) && reader.Peek() == BencodeKind.Integer)
            {
                fields.IsPrivate = reader.ReadInteger() != 0;
            }
            else if (key.SequenceEqual("attr"u8) && reader.Peek() == BencodeKind.String)
            {
                fields.Attributes = ReadAttributes(reader.ReadString()) & ~TorrentFileAttributes.Padding;
            }
            else
            {
                fields.IsVersion2 |= key.SequenceEqual("file tree"u8) || key.SequenceEqual("meta version"u8);
                reader.Skip();
            }
        }

        reader.ExpectEndOfBytes();
        return fields;
    }

    private static List<FoundFile>? ReadFiles(ref BencodeReader reader, Encoding? declared)
    {
        var files = new List<FoundFile>();
        var names = 0;
        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            if (files.Count == MaxFiles)
            {
                throw new ProtocolException(ProtocolError.TooLarge, $"The torrent has more than {MaxFiles} files.", reader.Position);
            }

            var file = ReadFile(ref reader, declared, files.Count > 0 ? files[^1].Path : []);
            names += file.Path.Length;
            if (names > MaxNames)
            {
                throw new ProtocolException(
                    ProtocolError.TooLarge,
                    $"The paths of the torrent have more than {MaxNames} names.",
                    reader.Position
                );
            }

            files.Add(file);
        }

        return files.Count > 0 ? files : null;
    }

    private static FoundFile ReadFile(ref BencodeReader reader, Encoding? declared, string[] neighbour)
    {
        var start = reader.Position;
        long? length = null;
        string[]? path = null;
        string[]? pathUtf8 = null;
        var attributes = TorrentFileAttributes.None;
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("length"u8))
            {
                length = reader.ReadInteger();
            }
            else if (key.SequenceEqual("path"u8) && reader.Peek() == BencodeKind.List)
            {
                path = ReadPath(ref reader, declared, neighbour, out _);
            }
            else if (key.SequenceEqual("path.utf-8"u8) && reader.Peek() == BencodeKind.List)
            {
                var found = ReadPath(ref reader, declared, neighbour, out var isUtf8);
                pathUtf8 = isUtf8 ? found : null;
            }
            else if (key.SequenceEqual("attr"u8) && reader.Peek() == BencodeKind.String)
            {
                attributes = ReadAttributes(reader.ReadString());
            }
            else
            {
                reader.Skip();
            }
        }

        var safe = pathUtf8 ?? path ?? throw new ProtocolException(ProtocolError.Missing, "A file of the torrent has no path.", start);
        if (IsPaddingByName(safe))
        {
            attributes |= TorrentFileAttributes.Padding;
        }

        return new FoundFile(
            safe,
            length ?? throw new ProtocolException(ProtocolError.Missing, "A file of the torrent has no length.", start),
            attributes
        );
    }

    private static string[] ReadPath(ref BencodeReader reader, Encoding? declared, string[] neighbour, out bool isUtf8)
    {
        var names = new List<string>(4);
        isUtf8 = true;
        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            if (names.Count == MaxPathDepth)
            {
                throw new ProtocolException(ProtocolError.TooLarge, $"A file lies deeper than {MaxPathDepth} folders.", reader.Position);
            }

            var bytes = reader.ReadString();
            isUtf8 &= System.Text.Unicode.Utf8.IsValid(bytes);
            var name = SafeName.Make(bytes, declared);
            var same = names.Count < neighbour.Length && string.Equals(name, neighbour[names.Count], StringComparison.Ordinal);
            names.Add(same ? neighbour[names.Count] : name); // files of one folder share its name in memory
        }

        return names.Count > 0 ? [.. names] : [SafeName.Make("")];
    }

    private static TorrentFileAttributes ReadAttributes(ReadOnlySpan<byte> text)
    {
        var attributes = TorrentFileAttributes.None;
        foreach (var letter in text)
        {
            attributes |= letter switch
            {
                (byte)'p' => TorrentFileAttributes.Padding,
                (byte)'x' => TorrentFileAttributes.Executable,
                (byte)'h' => TorrentFileAttributes.Hidden,
                (byte)'l' => TorrentFileAttributes.SymbolicLink,
                _ => TorrentFileAttributes.None,
            };
        }

        return attributes;
    }

    /// <summary>Padding from before BEP 47: BitComet's names, and the folder that others use.</summary>
    private static bool IsPaddingByName(string[] path)
    {
        return path[^1].StartsWith("_____padding_file_", StringComparison.Ordinal) || (path.Length > 1 && path[0] is ".pad");
    }

    private static List<FoundFile> Single(string name, Fields fields)
    {
        var length = fields.Length ?? throw new ProtocolException(ProtocolError.Missing, "The torrent has neither files nor a length.");
        return [new FoundFile([name], length, fields.Attributes)];
    }

    private static TorrentFile[] Place(List<FoundFile> found)
    {
        var files = new TorrentFile[found.Count];
        var offset = 0L;
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new TorrentFile(found[i].Path, found[i].Length, offset, found[i].Attributes);
            offset += found[i].Length;
        }

        return files;
    }

    private sealed class Fields
    {
        public List<FoundFile>? Files { get; set; }

        public long? Length { get; set; }

        public string? Name { get; set; }

        public long? PieceLength { get; set; }

        public ReadOnlyMemory<byte>? Pieces { get; set; }

        public bool IsPrivate { get; set; }

        public bool IsVersion2 { get; set; }

        public TorrentFileAttributes Attributes { get; set; }
    }

    private readonly record struct FoundFile(string[] Path, long Length, TorrentFileAttributes Attributes);
}
