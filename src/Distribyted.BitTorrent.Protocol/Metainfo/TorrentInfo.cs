namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>An info dictionary, read and checked (BEP 3, BEP 27, BEP 47). Immutable.</summary>
public sealed class TorrentInfo
{
    internal TorrentInfo(
        InfoHash infoHash,
        string name,
        PieceLayout layout,
        ReadOnlyMemory<byte> pieceHashes,
        IReadOnlyList<TorrentFile> files,
        bool isSingleFile,
        bool isPrivate,
        ReadOnlyMemory<byte> bytes,
        string? encoding
    )
    {
        InfoHash = infoHash;
        Name = name;
        Layout = layout;
        PieceHashes = pieceHashes;
        Files = files;
        IsSingleFile = isSingleFile;
        IsPrivate = isPrivate;
        Bytes = bytes;
        Encoding = encoding;
    }

    /// <summary>SHA-1 over <see cref="Bytes"/>.</summary>
    public InfoHash InfoHash { get; }

    /// <summary>Name of the folder, or of the only file; made safe, never empty.</summary>
    public string Name { get; }

    /// <summary>Pieces and blocks.</summary>
    public PieceLayout Layout { get; }

    /// <summary>20 bytes of SHA-1 for each piece, in piece order.</summary>
    public ReadOnlyMemory<byte> PieceHashes { get; }

    /// <summary>All files in torrent order, padding and links included; two never have the same path.</summary>
    public IReadOnlyList<TorrentFile> Files { get; }

    /// <summary>True when the info dictionary has <c>length</c> instead of <c>files</c>.</summary>
    public bool IsSingleFile { get; }

    /// <summary>BEP 27: only the named trackers may find peers.</summary>
    public bool IsPrivate { get; }

    /// <summary>The info dictionary, byte for byte.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The <c>encoding</c> that the <c>.torrent</c> named and its names were read in; null: UTF-8, or Windows-1252 where they are not.</summary>
    /// <remarks>Not part of <see cref="Bytes"/>: whoever keeps those keeps this, or names may differ when they are read again.</remarks>
    public string? Encoding { get; }
}
