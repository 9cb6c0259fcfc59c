using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>What all torrents of a session share. Exists from the start of the session on.</summary>
internal sealed class TorrentServices
{
    private IReadOnlyList<PeerSourceFactory>? _peerSources;

    public TorrentServices()
    {
        MetadataWaits = new MetadataWaits(this);
    }

    public required SwarmServices Swarms { get; init; }

    public required IPieceStore Store { get; init; }

    public required MetainfoStore Metainfo { get; init; }

    /// <summary>The kinds of sources of peers that a torrent has. Replaced by a longer list when discovery has started.</summary>
    public required IReadOnlyList<PeerSourceFactory> PeerSources
    {
        get => Volatile.Read(ref _peerSources!);
        set => Volatile.Write(ref _peerSources, value);
    }

    public required HostNames Names { get; init; }

    /// <summary>For web seeds and exact sources.</summary>
    public required OutgoingHttp Http { get; init; }

    public required ActiveTorrents Active { get; init; }

    /// <summary>Bytes of all torrents.</summary>
    public required TransferCounters Counters { get; init; }

    /// <summary>Whether we seed, and no peer has reached us so far (NAT): then peers of idle torrents are dialled.</summary>
    public required Func<bool> IsUnreached { get; init; }

    /// <summary>Requests that wait for metadata.</summary>
    public MetadataWaits MetadataWaits { get; }

    /// <summary>Cancelled when the session ends.</summary>
    public required CancellationToken Stopping { get; init; }

    public ILogger Log => Swarms.Log;

    public TimeProvider Time => Swarms.Clock.Time;

    /// <summary>Peers were named for an idle torrent with pieces. If no peer can reach us, some of them are dialled: else it would stop seeding when it
    /// becomes idle. It serves and becomes idle again as if they had come to us.</summary>
    /// <param name="torrent">Idle.</param>
    /// <param name="peers">Who may want it.</param>
    /// <param name="isLocal">Whether they announced themselves in the local network: they wait for who has it, and hear of us in minutes only.</param>
    public void OfferTo(Torrent torrent, IReadOnlyList<PeerEndPoint> peers, bool isLocal)
    {
        if ((isLocal || IsUnreached()) && Store.HasPieces(torrent.InfoHash) && Active.MayActivateForPeer())
        {
            Active.ServeLater(torrent, peers, Stopping);
        }
    }

    /// <summary>Waits; false: the session ended before.</summary>
    public async Task<bool> TryWaitAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, Time, Stopping);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }
}
