using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The one exception of the engine.</summary>
public sealed class TorrentException(TorrentFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public TorrentFailure Failure { get; } = failure;

    /// <summary>For requests to a torrent that has ended.</summary>
    /// <param name="torrent">Which.</param>
    /// <param name="why"><see cref="TorrentFailure.Removed"/> or <see cref="TorrentFailure.Closing"/>.</param>
    internal static TorrentException Ended(InfoHash torrent, TorrentFailure why)
    {
        return why == TorrentFailure.Removed
            ? new TorrentException(why, $"Torrent {torrent} was removed.")
            : new TorrentException(why, $"Torrent {torrent} is closed, because the session ends.");
    }
}
