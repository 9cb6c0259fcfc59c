using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>What all announcers of a session share: sockets, the queue, the timer, and who we are. Safe for use by many threads.</summary>
internal sealed class TrackerServices : IAsyncDisposable
{
    private readonly Func<int> _listenPort;
    private readonly HttpTracker _http;
    private readonly UdpTracker _udp;

    /// <param name="options">The engine's.</param>
    /// <param name="guard">Judges trackers and the peers they name.</param>
    /// <param name="peerId">Who we are in this run.</param>
    /// <param name="listenPort">Where peers reach us, asked at each announce.</param>
    /// <param name="loggers">For <see cref="DiscoveryLog"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sockets">How trackers are reached; null: as the options say.</param>
    public TrackerServices(
        BitTorrentOptions options,
        AddressGuard guard,
        PeerId peerId,
        Func<int> listenPort,
        ILoggerFactory loggers,
        TimeProvider time,
        TrackerSockets? sockets = null
    )
    {
        var roads = sockets ?? new TrackerSockets(options, guard, new HostNames(time), time);
        Options = options;
        Guard = guard;
        PeerId = peerId;
        Time = time;
        Logger = loggers.CreateLogger("Distribyted.BitTorrent.Discovery");
        Queue = new AnnounceQueue(time);
        Wheel = new AnnounceWheel(time);
        _listenPort = listenPort;
        _http = new HttpTracker(options, roads, time);
        _udp = new UdpTracker(roads, time);
    }

    public BitTorrentOptions Options { get; }

    public AddressGuard Guard { get; }

    public PeerId PeerId { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public AnnounceQueue Queue { get; }

    public AnnounceWheel Wheel { get; }

    /// <summary>The port that trackers are told.</summary>
    public int AnnouncedPort => Options.PublicPort > 0 ? Options.PublicPort : _listenPort();

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
