using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent;

/// <summary>What discovery tells its session. Called by any thread; nothing of it blocks.</summary>
internal interface IDiscoveryOwner
{
    /// <summary>A peer has connected to us over µTP; the session owns the connection.</summary>
    void Accept(IPeerTransport transport);

    /// <summary>There are further sources of peers, also for torrents that are active.</summary>
    void SourcesFound(IReadOnlyList<PeerSourceFactory> sources);

    /// <summary>The trackers that public torrents ask besides their own are others.</summary>
    void TrackersChanged();

    /// <summary>The mapped port or our addresses may be others.</summary>
    void PortsChanged();
}
