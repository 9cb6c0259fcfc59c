using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>The local networks of this machine, as local discovery uses them. Safe for use by many threads.</summary>
internal interface IMulticast : IAsyncDisposable
{
    /// <summary>Joins the groups and begins to receive. Once.</summary>
    /// <param name="received">Gets each announce that can be read and comes from near, with its sender. Must not block and not throw.</param>
    void Start(Action<LocalAnnounce, PeerEndPoint> received);

    /// <summary>Sends an announce to both groups over every interface. Never waits and never throws; what cannot be sent is dropped.</summary>
    void Send(LocalAnnounce announce);

    /// <summary>This machine may have other networks now: groups are joined where they were not.</summary>
    void Refresh();
}
