using System.Net.Sockets;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Peers;

/// <summary>What all swarms of a session share.</summary>
internal sealed class SwarmServices : IDisposable
{
    private Identity _identity = new(PeerId.CreateRandom());

    public SwarmServices(
        SwarmOptions options,
        TransportOptions transport,
        CacheOptions cache,
        MonotonicClock clock,
        ILogger log,
        AddressGuard guard
    )
    {
        Options = options;
        Transport = transport;
        Cache = cache;
        Clock = clock;
        Log = log;
        Guard = guard;
        Bans = new PeerBans(clock);
        Download = new RateLimiter(options.DownloadRateLimit, clock);
        Upload = new RateLimiter(options.UploadRateLimit, clock);
        Wake = new WakeTimer(clock, log);
        Network = new OwnNetwork(transport.HasFamily(AddressFamily.InterNetwork), transport.HasFamily(AddressFamily.InterNetworkV6));
        Connections = new ConnectionTable(options.MaxConnections);
        Dials = new DialSlots(options.MaxHalfOpen);
        Dialer = new PeerDialer(this);
    }

    public SwarmOptions Options { get; }

    public TransportOptions Transport { get; }

    public CacheOptions Cache { get; }

    public MonotonicClock Clock { get; }

    public ILogger Log { get; }

    public AddressGuard Guard { get; }

    public PeerBans Bans { get; }

    public OwnNetwork Network { get; }

    public RateLimiter Download { get; }

    public RateLimiter Upload { get; }

    public WakeTimer Wake { get; }

    public PeerDialer Dialer { get; }

    public ConnectionTable Connections { get; }

    public DialSlots Dials { get; }

    /// <summary>The extensions of the peer protocol that every swarm makes for itself.</summary>
    public IReadOnlyList<Func<IExtensionSwarm, IPeerExtension>> Extensions { get; init; } = PeerExtensions.Registered;

    /// <summary>Who we are for trackers, in this run.</summary>
    public PeerId TrackerPeerId { get; } = PeerId.CreateRandom();

    /// <summary>Who we are for peers.</summary>
    public PeerId PeerId => Volatile.Read(ref _identity).Id;

    /// <summary>The port that peers are told; 0 before the listener is open.</summary>
    public int ListenPort { get; set; }

    /// <summary>Bytes that the piece cache holds; <see cref="long.MaxValue"/>: no limit.</summary>
    public Func<long> Capacity { get; set; } = static () => long.MaxValue;

    /// <summary>Bytes that requests of one piece may run ahead of its hash frontier; longer pieces spill to disk behind it.</summary>
    public int MaxAheadOfFrontier => PieceStorage.MaxAheadOfFrontier(Cache);

    public SchedulerLimits SchedulerLimits()
    {
        return new SchedulerLimits(MaxAheadOfFrontier);
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

    /// <summary>We are another peer from now on: at an old address of ours others still believe in connections that are dead, and refuse a second one
    /// of the same id.</summary>
    public void ChangePeerId()
    {
        Volatile.Write(ref _identity, new Identity(PeerId.CreateRandom()));
    }

    public void Dispose()
    {
        Wake.Dispose();
    }

    private sealed record Identity(PeerId Id);
}
