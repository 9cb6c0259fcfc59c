using System.Collections.Concurrent;
using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>A tracker in this process: HTTP (BEP 3, 7, 23) and UDP (BEP 15, 41) announces for any number of torrents, on loopback.</summary>
/// <remarks>Written against the BEPs without the engine's codecs, so that a mistake there is not mirrored here. Safe for use by many threads.</remarks>
public sealed class LabTracker : IAsyncDisposable
{
    private readonly ConcurrentDictionary<InfoHash, ConcurrentDictionary<PeerEndPoint, bool>> _peers = new(); // true: has everything
    private readonly ConcurrentQueue<LabAnnounce> _announces = new();
    private readonly LabTrackerHttp _http;
    private readonly LabTrackerUdp _udp;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposed;

    private LabTracker(IPAddress address)
    {
        _http = new LabTrackerHttp(this, address);
        _udp = new LabTrackerUdp(this, address);
    }

    /// <summary>Its address by HTTP.</summary>
    public string HttpUrl => _http.Url;

    /// <summary>Its address by UDP.</summary>
    public string UdpUrl => _udp.Url;

    /// <summary>What peers are told to wait between announces, seconds.</summary>
    public int Interval { get; set; } = 1800;

    /// <summary>The shortest wait, seconds; 0: not said. HTTP only.</summary>
    public int MinInterval { get; set; }

    /// <summary>Whether answers to announces over UDP count peers; otherwise only scrapes do.</summary>
    public bool CountsInAnnounces { get; set; } = true;

    /// <summary>When set, every announce fails with this message.</summary>
    public string? Failure { get; set; }

    /// <summary>When set, the next datagrams are dropped unread, as a bad line would drop them.</summary>
    public int DropNextDatagrams
    {
        get => _udp.DropNext;
        set => _udp.DropNext = value;
    }

    /// <summary>Every announce so far, oldest first.</summary>
    public IReadOnlyCollection<LabAnnounce> Announces => _announces;

    /// <summary>Opens a free port for each of HTTP and UDP.</summary>
    /// <param name="address">Where to listen; null: 127.0.0.1.</param>
    public static LabTracker Start(IPAddress? address = null)
    {
        return new LabTracker(address ?? IPAddress.Loopback);
    }

    /// <summary>Names a peer that never announces itself.</summary>
    public void AddPeer(InfoHash torrent, PeerEndPoint peer, bool seed = true)
    {
        _peers.GetOrAdd(torrent, _ => new())[peer] = seed;
    }

    /// <summary>The peers it would name for a torrent.</summary>
    public IReadOnlyCollection<PeerEndPoint> PeersOf(InfoHash torrent)
    {
        return _peers.TryGetValue(torrent, out var peers) ? [.. peers.Keys] : [];
    }

    /// <summary>Waits until the announces so far satisfy a condition.</summary>
    public async Task WaitForAsync(Func<IReadOnlyCollection<LabAnnounce>, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (condition(_announces))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _http.DisposeAsync();
            await _udp.DisposeAsync();
        }
    }

    /// <summary>Records an announce and chooses the peers to answer with: at most as many as asked for, never the one that asks.</summary>
    internal List<PeerEndPoint> Record(LabAnnounce announce)
    {
        _announces.Enqueue(announce);
        var swarm = _peers.GetOrAdd(announce.InfoHash, _ => new());
        var want = announce.NumWant < 0 ? 50 : Math.Min(announce.NumWant, 200);
        List<PeerEndPoint> named = announce.Event == "stopped" ? [] : [.. swarm.Keys.Where(peer => peer != announce.Peer).Take(want)];
        if (announce.Event == "stopped")
        {
            swarm.TryRemove(announce.Peer, out _);
        }
        else if (Failure is null)
        {
            swarm[announce.Peer] = announce.Left == 0;
        }

        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return named;
    }

    internal (int Seeds, int Others) Count(InfoHash torrent)
    {
        var all = _peers.TryGetValue(torrent, out var swarm) ? swarm.Values.ToArray() : [];
        var seeds = all.Count(seed => seed);
        return (seeds, all.Length - seeds);
    }
}
