using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>What all announcers of a session share: sockets, the queue, the timer, and who we are. Safe for use by many threads.</summary>
internal sealed class TrackerServices : IAsyncDisposable
{
    private const int MaxAddresses = 10_000; // torrents with passkeys have addresses of their own

    private readonly ConcurrentDictionary<string, TrackerAddress> _addresses = new(StringComparer.Ordinal);
    private readonly HttpTracker _http;
    private readonly UdpTracker _udp;

    /// <param name="options">The engine's.</param>
    /// <param name="guard">Judges trackers and the peers they name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="DiscoveryLog"/>.</param>
    /// <param name="names">Resolves for everything in this session; owned by the caller.</param>
    /// <param name="sockets">How trackers are reached; null: as the options say.</param>
    public TrackerServices(
        BitTorrentOptions options,
        AddressGuard guard,
        TimeProvider time,
        ILogger logger,
        HostNames names,
        TrackerSockets? sockets = null
    )
    {
        Names = names;
        sockets ??= new TrackerSockets(options.Transport, guard, names, time);
        Options = options;
        Guard = guard;
        Time = time;
        Logger = logger;
        Queue = new AnnounceQueue(time, logger);
        Wheel = new AnnounceWheel(time, logger);
        _http = new HttpTracker(options, sockets, time);
        _udp = new UdpTracker(sockets, time);
    }

    public BitTorrentOptions Options { get; }

    public AddressGuard Guard { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public HostNames Names { get; }

    public AnnounceQueue Queue { get; }

    public AnnounceWheel Wheel { get; }

    /// <summary>Makes the announcer of one torrent; it does nothing before it is started.</summary>
    /// <param name="port">The torrent.</param>
    /// <param name="tiers">From the torrent or magnet; what cannot be asked is left out.</param>
    /// <param name="isPrivate">BEP 27: the configured extra trackers are not added.</param>
    /// <param name="peerId">Who we are in this run.</param>
    /// <param name="listenPort">Where peers reach us, asked at each announce; <see cref="BitTorrentOptions.PublicPort"/> goes before it.</param>
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
    public TrackerAddress? Find(string url)
    {
        if (_addresses.TryGetValue(url, out var known) || TrackerWords.Usable(url) is not { } address)
        {
            return known;
        }

        return _addresses.Count < MaxAddresses ? _addresses.GetOrAdd(url, address) : address;
    }

    /// <summary>Whether a tracker can be asked without waiting for name servers; if not, its name is being looked up from now on.</summary>
    public bool IsResolved(TrackerAddress tracker)
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
    public Task<AnnounceAnswer> AskAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
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
