using Distribyted.BitTorrent.Torrents;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A torrent without a session, for tests of what is below it.</summary>
internal static class TestTorrent
{
    public static Torrent Of(TorrentSource source, bool hasMetadata)
    {
        var services = new TorrentServices
        {
            Swarms = null!,
            Store = null!,
            Metainfo = null!,
            PeerSources = [],
            Names = null!,
            Http = null!,
            Active = null!,
            Counters = new TransferCounters(),
            IsUnreached = static () => false,
            Stopping = CancellationToken.None,
        };
        return new Torrent(services, source, hasMetadata);
    }
}
