using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Real tracker services on loopback, with names and roads that the test lays.</summary>
internal sealed class TrackerBench : IAsyncDisposable
{
    private readonly List<TrackerAnnouncer> _announcers = [];

    public TrackerBench(
        DiscoveryOptions? options = null,
        TransportOptions? transport = null,
        TimeProvider? time = null,
        Dictionary<string, string[]>? names = null,
        Func<IPEndPoint, IPEndPoint>? road = null,
        bool logs = true,
        Func<string, Task<IPAddress[]>>? resolve = null,
        Func<IReadOnlyList<string>>? extraTrackers = null
    )
    {
        Options = options ?? new DiscoveryOptions();
        transport ??= new TransportOptions();
        var clock = time ?? TimeProvider.System;
        Time = time as FakeTimeProvider;
        Guard = new AddressGuard(transport, Options.ExtraTrackers);
        var resolver = new HostNames(
            clock,
            resolve
                ?? (
                    host =>
                        names?.TryGetValue(host, out var known) == true
                            ? Task.FromResult(known.Select(IPAddress.Parse).ToArray())
                            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))
                )
        );
        Sockets = new OutgoingSockets(
            transport,
            Guard,
            resolver,
            clock,
            (endPoint, own, token) =>
            {
                lock (Dialled)
                {
                    Dialled.Add(endPoint);
                }

                return OutgoingSockets.OpenAsync(road?.Invoke(endPoint) ?? endPoint, own, token);
            }
        );
        Services = new TrackerServices(Options, PeerId, Guard, clock, logs ? Log : NullLogger.Instance, resolver, Sockets)
        {
            ExtraTrackers = extraTrackers ?? (() => Options.ExtraTrackers),
        };
    }

    public DiscoveryOptions Options { get; }

    public AddressGuard Guard { get; }

    public OutgoingSockets Sockets { get; }

    public FakeTimeProvider? Time { get; }

    public TrackerServices Services { get; }

    public RecordingLog Log { get; } = new();

    public List<IPEndPoint> Dialled { get; } = [];

    public PeerId PeerId { get; } = PeerId.CreateRandom();

    public Task<AnnounceAnswer> AskAsync(Uri tracker, CancellationToken cancellationToken, AnnounceRequest? request = null)
    {
        return Services.AskAsync(tracker, request ?? Request(), cancellationToken);
    }

    public AnnounceRequest Request()
    {
        return new AnnounceRequest(InfoHash.Compute("a torrent"u8), PeerId, 42069, 1, 2, 3, AnnounceEvent.Started, 50, 7);
    }

    /// <summary>The announcer of a torrent with these trackers.</summary>
    public TrackerAnnouncer Announcer(FakeSwarm swarm, IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        swarm.Trackers = tiers;
        var announcer = (TrackerAnnouncer)Services.CreateAnnouncer(swarm);
        _announcers.Add(announcer);
        return announcer;
    }

    /// <summary>An announcer of these tiers that has begun, and has asked whom it asks at once.</summary>
    public TrackerAnnouncer Start(FakeSwarm swarm, params string[][] tiers)
    {
        var announcer = Announcer(swarm, tiers);
        announcer.Start();
        if (Time is not null)
        {
            Announcing.Tick(this);
        }

        return announcer;
    }

    /// <summary>Waits for a state that nothing tells of.</summary>
    public Task UntilAsync(
        Func<bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        return Waiting.UntilAsync(condition, () => Log.All, cancellationToken, what);
    }

    public bool IsSettled => _announcers.TrueForAll(announcer => announcer.IsIdle);

    /// <summary>Waits until every announcer has done what was due.</summary>
    public async Task SettledAsync(CancellationToken cancellationToken)
    {
        while (!IsSettled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync()
    {
        return Services.DisposeAsync();
    }
}
