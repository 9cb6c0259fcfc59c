namespace Distribyted.BitTorrent.Storage.SeedFolders;

/// <summary>What the files of a shared folder hold in place of a piece.</summary>
internal enum SeedPieceState
{
    /// <summary>The piece: its hash is right.</summary>
    Right,

    /// <summary>Other bytes.</summary>
    Changed,

    /// <summary>Not all of its bytes: a file is missing, has another length, or cannot be read.</summary>
    Unreadable,
}
