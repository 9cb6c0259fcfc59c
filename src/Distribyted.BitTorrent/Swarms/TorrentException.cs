namespace Distribyted.BitTorrent.Swarms;

/// <summary>The one exception of the engine.</summary>
public sealed class TorrentException(TorrentFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public TorrentFailure Failure { get; } = failure;
}
