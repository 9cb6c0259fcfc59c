using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Http;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Udp;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>What all announcers of a session share: sockets, the queue, the timer, and who we are. Safe for use by many threads.</summary>
public sealed class TrackerServices : IAsyncDisposable
{
    private const int MaxAddresses = 10_000; // torrents with passkeys have addresses of their own

    private readonly ConcurrentDictionary<string, TrackerAddress> _addresses = new(StringComparer.Ordinal);
    private readonly HttpTracker _http;
    private readonly UdpTracker _udp;

    /// <param name="options">What is announced of us.</param>
    /// <param name="transport">How connections are opened.</param>
    /// <param name="guard">Judges trackers and the peers they name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="DiscoveryLog"/>.</param>
    /// <param name="names">Resolves for everything in this session; owned by the caller.</param>
    public TrackerServices(
        DiscoveryOptions options,
        TransportOptions transport,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names
    )
        : this(options, guard, time, logger, names, new TrackerSockets(transport, guard, names, time)) { }

    internal TrackerServices(
        DiscoveryOptions options,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names,
        TrackerSockets sockets
    )
    {
        Names = names;
        Options = options;
        Guard = guard;
        Time = time;
        Logger = logger;
        Queue = new AnnounceQueue(time, logger);
        Wheel = new AnnounceWheel(time, logger);
        _http = new HttpTracker(options, sockets, time);
        _udp = new UdpTracker(sockets, time);
    }

    internal DiscoveryOptions Options { get; }

    internal AddressGuard Guard { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal HostNames Names { get; }

    internal AnnounceQueue Queue { get; }

    internal AnnounceWheel Wheel { get; }

    /// <summary>Makes the announcer of one torrent; it does nothing before it is started.</summary>
    /// <param name="port">The torrent.</param>
    /// <param name="tiers">From the torrent or magnet; what cannot be asked is left out.</param>
    /// <param name="isPrivate">BEP 27: the configured extra trackers are not added.</param>
    /// <param name="peerId">Who we are in this run.</param>
    /// <param name="listenPort">Where peers reach us, asked at each announce.</param>
    /// <param name="isPending">There is no metadata yet: failures are retried sooner, until <see cref="TrackerAnnouncer.MetadataArrived"/>.</param>
    public TrackerAnnouncer CreateAnnouncer(
        ISwarmPort port,
        IReadOnlyList<IReadOnlyList<string>> tiers,
        bool isPrivate,
        PeerId peerId,
        Func<int> listenPort,
        bool isPending = false
    )
    {
        return new TrackerAnnouncer(tiers, isPrivate, isPending, new AnnouncedSelf(peerId, listenPort), this, port);
    }

    /// <summary>The address of a tracker that can be asked, or null. The same object for the same URL: many torrents name few trackers.</summary>
    internal TrackerAddress? Find(string url)
    {
        if (_addresses.TryGetValue(url, out var known) || TrackerWords.Usable(url) is not { } address)
        {
            return known;
        }

        return _addresses.Count < MaxAddresses ? _addresses.GetOrAdd(url, address) : address;
    }

    /// <summary>Whether a tracker can be asked without waiting for name servers; if not, its name is being looked up from now on.</summary>
    internal bool IsResolved(TrackerAddress tracker)
    {
        return Names.IsResolved(tracker.Host);
    }

    /// <summary>Our network has changed: what was found out about trackers and names that do not answer says nothing any more.</summary>
    public void NetworkChanged()
    {
        Queue.ForgetRests();
        Names.ForgetFailures();
    }

    /// <summary>Asks a tracker by whatever it speaks. Never throws but for the token.</summary>
    internal Task<AnnounceAnswer> AskAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        return tracker.Scheme == "udp"
            ? _udp.AnnounceAsync(tracker, request, cancellationToken)
            : _http.AnnounceAsync(tracker, request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Wheel.Dispose();
        Queue.Dispose();
        _http.Dispose();
        await _udp.DisposeAsync();
    }
}
