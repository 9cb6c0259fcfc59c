using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Http;

/// <summary>Makes the clients that fetch from addresses which torrents, magnets and the configuration name. Safe for use by many threads.</summary>
/// <param name="options">Own addresses and families: all traffic leaves from them.</param>
/// <param name="guard">Checks every address that is connected to.</param>
/// <param name="names">Resolves; owned by the caller.</param>
/// <param name="time">The clock.</param>
public sealed class OutgoingHttp(TransportOptions options, AddressGuard guard, HostNames names, TimeProvider time)
{
    private readonly TrackerSockets _sockets = new(options, guard, names, time);

    /// <summary>Makes a client with connections of its own.</summary>
    /// <param name="purpose">What its requests are for.</param>
    /// <param name="connections">Most connections to one host.</param>
    public OutgoingClient CreateClient(RequestPurpose purpose, int connections)
    {
        return new OutgoingClient(_sockets, purpose, connections);
    }
}
