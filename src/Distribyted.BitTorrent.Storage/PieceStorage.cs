using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Storage.SeedFolders;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage;

/// <summary>Opens what keeps pieces: the piece cache, and the files of shared folders.</summary>
public static class PieceStorage
{
    /// <summary>Opens the piece cache of a folder, or makes one. Reads the journal and no content.</summary>
    /// <param name="options">With a folder that is not empty.</param>
    /// <param name="time">For order of use and for what is tried again later.</param>
    /// <param name="logger">What happens to the cache, ids 1600 to 1699.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static async Task<IPieceStore> OpenCacheAsync(
        CacheOptions options,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        return await PieceCache.OpenAsync(options, time, logger, cancellationToken);
    }

    /// <summary>Opens the files of a shared folder as the pieces of the torrent that was made of it. They are only read.</summary>
    /// <param name="info">The torrent.</param>
    /// <param name="folder">Its root: the paths of the torrent's files begin here.</param>
    /// <param name="events">Told of pieces that turn out to be wrong, and of those that are right again.</param>
    /// <param name="piecesMissing">Told how many pieces cannot be read, each time that the number changes; called on any thread.</param>
    /// <param name="pieceChanged">Told of a piece that can be read and has other bytes than when it was hashed; called on any thread.</param>
    /// <param name="time">For looking again every 30 s at what is missing.</param>
    /// <param name="logger">Told of unexpected errors.</param>
    public static ITorrentPieces OpenSeedFolder(
        TorrentInfo info,
        string folder,
        IPieceEvents events,
        Action<int>? piecesMissing,
        Action<int>? pieceChanged,
        TimeProvider time,
        ILogger logger
    )
    {
        return new SeedFolderStore(info, folder, events, piecesMissing, pieceChanged, time, logger);
    }

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier: what an open piece may have of the piece memory.</summary>
    public static int MaxAheadOfFrontier(CacheOptions options)
    {
        return PieceCache.MaxAheadOfFrontier(options);
    }
}
