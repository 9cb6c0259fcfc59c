using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Sockets;
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
    /// <param name="peerId">What trackers know us by, the same for the whole run.</param>
    /// <param name="guard">Checks trackers and the peers they name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="DiscoveryLog"/>.</param>
    /// <param name="names">Resolves for everything in this session; owned by the caller.</param>
    public TrackerServices(
        DiscoveryOptions options,
        TransportOptions transport,
        PeerId peerId,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names
    )
        : this(options, peerId, guard, time, logger, names, new OutgoingSockets(transport, guard, names, time))
    {
        Encryption = transport.Encryption;
    }

    internal TrackerServices(
        DiscoveryOptions options,
        PeerId peerId,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names,
        OutgoingSockets sockets
    )
    {
        PeerId = peerId;
        Names = names;
        Options = options;
        Guard = guard;
        Time = time;
        Logger = logger;
        ExtraTrackers = () => options.ExtraTrackers;
        Queue = new AnnounceQueue(time, logger);
        Timers = new AnnounceTimers(time, logger);
        _http = new HttpTracker(options, sockets, time);
        _udp = new UdpTracker(sockets, time);
    }

    /// <summary>Hears how trackers see us (BEP 24).</summary>
    public ExternalAddress External { get; init; } = new();

    /// <summary>The trackers that public torrents ask besides their own.</summary>
    public Func<IReadOnlyList<string>> ExtraTrackers { get; init; }

    internal DiscoveryOptions Options { get; }

    /// <summary>Which connections we take: HTTP trackers are told.</summary>
    internal EncryptionMode Encryption { get; init; } = EncryptionMode.Prefer;

    /// <summary>What trackers know us by, the same for the whole run: they count a new one as another peer.</summary>
    internal PeerId PeerId { get; }

    internal AddressGuard Guard { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal HostNames Names { get; }

    internal AnnounceQueue Queue { get; }

    internal AnnounceTimers Timers { get; }

    /// <summary>Makes the announcer of one torrent; a <see cref="PeerSourceFactory"/>.</summary>
    public IPeerSource CreateAnnouncer(ISwarmPort port)
    {
        return new TrackerAnnouncer(this, port);
    }

    /// <summary>The address of a tracker that can be asked, or null. The same object for the same URL: many torrents name few trackers.</summary>
    internal TrackerAddress? Find(string url)
    {
        if (_addresses.TryGetValue(url, out var known) || TrackerMessages.Usable(url) is not { } address)
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

    /// <summary>Our network has changed: what was found out about trackers and names that do not answer does not hold any more.</summary>
    public void NetworkChanged()
    {
        Queue.ForgetSilent();
        Names.ForgetFailures();
    }

    /// <summary>Asks a tracker by whatever it speaks. Never throws but for the token.</summary>
    internal Task<AnnounceAnswer> AskAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        return tracker.Scheme == "udp"
            ? _udp.AnnounceAsync(tracker, request, cancellationToken)
            : _http.AnnounceAsync(tracker, request, cancellationToken);
    }

    /// <summary>Asks a tracker how many peers a torrent has (BEP 48, 15).</summary>
    /// <returns>Null: it cannot be asked, or does not say.</returns>
    internal async Task<SwarmSize?> ScrapeAsync(Uri tracker, InfoHash infoHash, CancellationToken cancellationToken)
    {
        if (tracker.Scheme == "udp")
        {
            return await _udp.ScrapeAsync(tracker, infoHash, cancellationToken);
        }

        return HttpScrape.TryBuildUri(tracker, infoHash, out var uri)
            ? await _http.ScrapeAsync(tracker, uri, infoHash, cancellationToken)
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Timers.Dispose();
        Queue.Dispose();
        _http.Dispose();
        await _udp.DisposeAsync();
    }
}
