using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Scheduling.Tracing;
using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What all swarms of a session share. Safe for use by many threads.</summary>
internal sealed class SwarmServices : IDisposable
{
    public SwarmServices(
        SwarmOptions options,
        TransportOptions transport,
        CacheOptions cache,
        MonotonicClock clock,
        ILogger log,
        AddressGuard guard
    )
    {
        Peers = new PeerServices(transport, clock, log, options.MaxHalfOpen, options.UploadRateLimit);
        Options = options;
        Cache = cache;
        Guard = guard;
        Download = new RateLimiter(options.DownloadRateLimit, clock);
        Timer = new DueTimer(clock, log);
        Connections = new ConnectionTable(options.MaxConnections);
        Dialer = new PeerDialer(Peers);
        PunchDialer = new PeerDialer(Peers, utpOnly: true);
    }

    /// <summary>What connections share.</summary>
    public PeerServices Peers { get; }

    public SwarmOptions Options { get; }

    public CacheOptions Cache { get; }

    public MonotonicClock Clock => Peers.Clock;

    public ILogger Log => Peers.Log;

    public AddressGuard Guard { get; }

    /// <summary>How others see us.</summary>
    public ExternalAddress External { get; } = new();

    public RateLimiter Download { get; }

    public PieceCounters Counters { get; } = new();

    public SessionEvents Events { get; } = new();

    public DueTimer Timer { get; }

    public PeerDialer Dialer { get; }

    /// <summary>Dials over µTP only, for peers that dial us at the same moment.</summary>
    public PeerDialer PunchDialer { get; }

    public ConnectionTable Connections { get; }

    /// <summary>The extensions of the peer protocol that every swarm makes for itself.</summary>
    public IReadOnlyList<Func<IExtensionSwarm, IPeerExtension>> Extensions { get; init; } = PeerExtensions.Registered;

    /// <summary>Who we are for trackers, in this run.</summary>
    public PeerId TrackerPeerId { get; } = PeerId.CreateRandom();

    /// <summary>Bytes that the piece cache holds; <see cref="long.MaxValue"/>: no limit.</summary>
    public Func<long> Capacity { get; set; } = static () => long.MaxValue;

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier; longer pieces spill to disk behind it.</summary>
    public int MaxAheadOfFrontier => PieceStorage.MaxAheadOfFrontier(Cache);

    public SchedulerLimits SchedulerLimits()
    {
        return new SchedulerLimits(MaxAheadOfFrontier);
    }

    /// <summary>Where a scheduler keeps its last events; null: it keeps none.</summary>
    public ScheduleTrace? NewTrace()
    {
        return Options.TraceEvents > 0 ? new ScheduleTrace(Options.TraceEvents) : null;
    }

    /// <summary>How much may be asked for now; what a blocked reader needs may run into debt, a fifth of a second deep.</summary>
    public Grant GrantNow()
    {
        if (!Download.IsLimited)
        {
            return Grant.Unlimited;
        }

        return new Grant(Download.AvailableWith(Options.DownloadRateLimit / 5), Download.AvailableWith(0));
    }

    public void Dispose()
    {
        Timer.Dispose();
    }
}
