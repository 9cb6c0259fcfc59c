namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>What BEP 47 says of a file.</summary>
[Flags]
public enum TorrentFileAttributes
{
    /// <summary>A plain file.</summary>
    None = 0,

    /// <summary>Zeros between files so that pieces end where files end; never shown.</summary>
    Padding = 1,

    /// <summary>Marked executable.</summary>
    Executable = 2,

    /// <summary>Marked hidden.</summary>
    Hidden = 4,

    /// <summary>A symbolic link: it has no bytes of its own and is never followed.</summary>
    SymbolicLink = 8,
}

/// <summary>One file of a torrent.</summary>
/// <param name="Path">Names from the torrent's root down, each made safe at import; never empty.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Offset">Bytes from the start of the torrent.</param>
/// <param name="Attributes">BEP 47.</param>
public sealed record TorrentFile(IReadOnlyList<string> Path, long Length, long Offset, TorrentFileAttributes Attributes);
