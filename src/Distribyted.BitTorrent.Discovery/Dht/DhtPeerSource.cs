using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Finds peers of one torrent in the DHT, and announces it there (BEP 5). Between lookups it is an entry in the <see cref="LookupQueue"/>; while the torrent is
/// idle it is nothing. Safe for use by many threads; starts and stops once.</summary>
internal sealed class DhtPeerSource(DhtServices services, ISwarmPort port) : IPeerSource
{
    /// <summary>How often an active torrent is announced; as libtorrent's <c>dht_announce_interval</c>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250); // without peers and metadata: more nodes are known now; doubled each time
    private static readonly TimeSpan IntervalIfFound = TimeSpan.FromMinutes(2); // with peers, but no metadata
    private static readonly TimeSpan ThinRetry = TimeSpan.FromSeconds(30); // announced to few nodes
    private static readonly TimeSpan GapIfReader = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GapIfPending = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Gap = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly List<(DhtNode Node, Search Search)> _running = []; // or the last ones, whose announces may not be sent yet
    private TimeSpan? _begunAt;
    private TimeSpan _interval = FirstRetry / 2;
    private int _left; // searches that have not ended
    private int _answers;
    private bool _hasFound;
    private bool _isStarted;
    private bool _isStopped;
    private string? _trouble; // read without it

    /// <inheritdoc/>
    public PeerOrigin Origin => PeerOrigin.Dht;

    /// <inheritdoc/>
    public string? Trouble => Volatile.Read(ref _trouble);

    // Of the queue, guarded by its lock.

    internal int Version { get; set; }

    internal TimeSpan? QueuedFor { get; set; }

    internal bool IsReady { get; set; }

    internal bool IsQueuedRunning { get; set; }

    internal PeerUrgency RunsAs { get; set; }

    /// <inheritdoc/>
    public void Start()
    {
        lock (_lock)
        {
            if (_isStarted || _isStopped)
            {
                return;
            }

            _isStarted = true;
        }

        services.Queue.Set(this, services.Queue.Now, isSooner: true);
    }

    /// <inheritdoc/>
    public void WantPeers()
    {
        WantPeers(isForced: false);
    }

    /// <inheritdoc/>
    public void Changed(SwarmChange change)
    {
        switch (change)
        {
            case SwarmChange.NetworkReturned:
                WantPeers(isForced: false);
                break;
            case SwarmChange.PresenceLost:
                WantPeers(isForced: true);
                break;
        }
    }

    /// <inheritdoc/>
    /// <remarks>There is nothing to tell: nodes forget a peer that announces no more.</remarks>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        List<(DhtNode Node, Search Search)> running;
        lock (_lock)
        {
            _isStopped = true;
            running = [.. _running];
            _running.Clear();
        }

        services.Queue.Remove(this);
        foreach (var (node, search) in running)
        {
            node.Cancel(search);
        }

        services.Queue.Ended(this);
        return Task.CompletedTask;
    }

    /// <summary>How urgent its lookup is; null: it is not wanted, since the torrent is idle.</summary>
    internal PeerUrgency? AskUrgency()
    {
        return port.IsIdle ? null : port.Urgency;
    }

    /// <summary>Begins a lookup in both families; called by the queue.</summary>
    /// <param name="announceIn">When it may announce; null: not this time.</param>
    /// <returns>False: it was stopped, or there is no DHT.</returns>
    internal bool Begin(TimeSpan? announceIn)
    {
        var nodes = services.Nodes;
        var ports = announceIn is null ? OwnPorts.None : port.Ports;
        lock (_lock)
        {
            if (_isStopped || nodes.Length == 0)
            {
                return false;
            }

            _begunAt = services.Queue.Now;
            _left = nodes.Length;
            _answers = 0;
            _hasFound = false;
            _running.Clear();
        }

        foreach (var node in nodes)
        {
            var listenPort = node.IsIPv6 ? ports.IPv6 : ports.IPv4;
            var search = node.SearchPeers(port.InfoHash, Found, Ended, listenPort, announceIn ?? TimeSpan.Zero);
            bool isStopped;
            lock (_lock)
            {
                isStopped = _isStopped;
                _running.Add((node, search));
            }

            if (isStopped)
            {
                node.Cancel(search);
            }
        }

        return true;
    }

    private void WantPeers(bool isForced)
    {
        var urgency = port.Urgency; // asked outside the lock: the torrent has locks of its own
        TimeSpan due;
        lock (_lock)
        {
            if (!_isStarted || _isStopped)
            {
                return;
            }

            var gap = urgency switch
            {
                PeerUrgency.Reader => GapIfReader,
                PeerUrgency.Pending => GapIfPending,
                _ => Gap,
            };
            var now = services.Queue.Now;
            due = isForced || _begunAt is not { } begun || begun + gap < now ? now : begun + gap;
        }

        services.Queue.Set(this, due, isSooner: true);
    }

    private void Found(IReadOnlyList<PeerEndPoint> peers, PeerEndPoint node)
    {
        var good = peers.Where(peer => services.Guard.MayDial(peer, node.Address, webPorts: false)).ToList();
        if (good.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            _hasFound = true;
            Volatile.Write(ref _trouble, null);
        }

        port.AddPeers(good, PeerOrigin.Dht);
    }

    private void Ended(int answers)
    {
        TimeSpan due;
        var hasMetadata = port.HasMetadata; // asked outside the lock
        lock (_lock)
        {
            _answers += answers;
            if (--_left > 0 || _isStopped)
            {
                return;
            }

            Volatile.Write(
                ref _trouble,
                _hasFound ? null
                    : _answers > 0 ? "the DHT knows no peers"
                    : "no node of the DHT answers"
            );
            var isSettled = hasMetadata && _answers >= Lookup.Wanted; // else few nodes are known yet, and others will look elsewhere
            _interval = isSettled || _interval * 2 > Interval ? Interval : _interval * 2;
            due = services.Queue.Now + (hasMetadata && _interval < ThinRetry ? ThinRetry : _interval);
        }

        services.Queue.Ended(this);
        services.Queue.Set(this, due, isSooner: true);
    }
}
