// Longer than most: whatever others want of a node, a datagram and the timer are a method here, which takes the lock; what they change is in the parts.
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Our node in the DHT of one address family (BEP 5; IPv4 and IPv6 are two networks, BEP 32): its table, its searches, its answers. Safe for use by many
/// threads; datagrams come in one at a time.</summary>
/// <remarks>One lock guards all but what only <see cref="Receive"/> uses. Datagrams are sent and others are called when it is released.</remarks>
internal sealed class DhtNode : IDisposable
{
    /// <summary>With fewer good nodes than this the bootstrap hosts are asked.</summary>
    public const int FewNodes = TableUpkeep.FewNodes;

    private readonly IDatagramPort _port;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly long _origin;
    private readonly QueryLimiter _limiter = new(); // of Receive only
    private readonly List<CompactNode> _others = []; // of Receive only
    private readonly Lock _lock = new();
    private NodeWork? _spareWork;

    // Guarded by _lock.
    private readonly NodeParts _parts;
    private readonly NodeMessages _messages;
    private readonly NodeDueWork _dueWork;
    private PeerEndPoint? _address; // ours, as others see it
    private bool _isStarted;
    private bool _isStopped;

    /// <param name="services">What both families share.</param>
    /// <param name="isIPv6">Which family.</param>
    /// <param name="address">Our public address, if the user says; null: others will tell.</param>
    /// <param name="saved">Of an earlier run; null: nothing.</param>
    public DhtNode(DhtNodeServices services, bool isIPv6, PeerEndPoint? address, SavedDht? saved)
    {
        (_port, _time, _logger) = (services.Port, services.Time, services.Logger);
        Counters = services.Counters;
        IsIPv6 = isIPv6;
        _origin = _time.GetTimestamp();
        _address = address ?? saved?.Address;
        _timer = Background.CreateTimer(_time, "timer of the DHT", _logger, OnTimer);
        _parts = new NodeParts(this, services, _lock, FirstId(_address, saved?.Self), _timer);
        _messages = new NodeMessages(_lock, isIPv6, _parts, services, _limiter);
        _dueWork = new NodeDueWork(_lock, _parts, _messages);
        foreach (var node in saved?.Nodes ?? [])
        {
            if (services.Guard.MayDial(node.EndPoint, null, webPorts: false))
            {
                _parts.Table.AddSaved(node);
            }
        }
    }

    public bool IsIPv6 { get; }

    /// <summary>The node of the other family; null: that family is not used. Set before anything is received.</summary>
    public DhtNode? Sibling
    {
        get;
        set
        {
            field = value;
            _parts.Queries.WantsBoth = value is not null;
        }
    }

    public DhtCounters Counters { get; }

    /// <summary>Our id, the nodes in the table, and how many of them answered the last question.</summary>
    public (NodeId Self, int Nodes, int Good) Status =>
        Read(static (parts, _) => (parts.Table.Self, parts.Table.Count, parts.Table.GoodCount));

    /// <summary>Whether a node has answered in the last minutes.</summary>
    public bool IsWorking => Read(static (parts, now) => parts.Health.IsWorking(now));

    /// <summary>Whether our queries say that no node can reach us (BEP 43).</summary>
    public bool IsReadOnly => Read(static (parts, _) => parts.Reachability.IsReadOnly);

    /// <summary>Peers that others have announced to us.</summary>
    public int StoredPeers => Read(static (parts, _) => parts.Answers.Peers.Count);

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Begins to look for nodes.</summary>
    public void Start()
    {
        Do(
            (work, now) =>
            {
                _isStarted = true;
                _parts.Upkeep.Start(work, now);
                _parts.Lookups.FindSelf(work, now);
            }
        );
    }

    /// <summary>Asks these addresses at once, also for what is being searched for. Nothing when the table is full enough by now.</summary>
    public void Bootstrap(IReadOnlyList<PeerEndPoint> hosts)
    {
        Do(
            (work, now) =>
            {
                _parts.Lookups.FindSelf(work, now);
                _parts.Searches.AddHosts(hosts, work, now);
            }
        );
    }

    /// <summary>Pings a node of which a torrent or a peer tells the address; it comes into the table when it answers.</summary>
    public void Ping(PeerEndPoint endPoint)
    {
        Do(
            (work, now) =>
            {
                if (!_parts.Table.IsGood(endPoint))
                {
                    _parts.Queries.Ping(endPoint, null, work, now);
                }
            }
        );
    }

    /// <summary>Looks for the peers of a torrent.</summary>
    /// <param name="hash">Its info hash.</param>
    /// <param name="found">See <see cref="Search.Found"/>.</param>
    /// <param name="ended">See <see cref="Search.Ended"/>.</param>
    /// <param name="announcePort">See <see cref="Search.AnnouncePort"/>.</param>
    /// <param name="announceIn">The announce is not sent before this time has passed.</param>
    public Search SearchPeers(
        InfoHash hash,
        Action<IReadOnlyList<PeerEndPoint>, PeerEndPoint> found,
        Action<int> ended,
        int announcePort,
        TimeSpan announceIn
    )
    {
        var now = Now;
        var search = new Search(NodeId.Of(hash), KrpcMethod.GetPeers, now)
        {
            Found = found,
            Ended = ended,
            AnnouncePort = announcePort,
            AnnounceAt = now + announceIn,
        };
        Do((work, at) => _parts.Searches.Begin(search, work, at));
        return search;
    }

    /// <summary>Ends a search: it hands over nothing any more.</summary>
    public void Cancel(Search search)
    {
        lock (_lock)
        {
            _parts.Searches.Cancel(search);
        }
    }

    /// <summary>Others see us at this address: our id follows it (BEP 42), and with another one we look for our new neighbours.</summary>
    public void SeenAt(PeerEndPoint address)
    {
        Do(
            (work, now) =>
            {
                _address = address;
                if (SecureNodeId.IsValid(_parts.Table.Self, address))
                {
                    return;
                }

                _parts.Table.ChangeSelf(SecureNodeId.Make(address, RandomNumberGenerator.GetBytes(NodeId.Length)), now);
                _logger.DhtAddressChanged(IsIPv6 ? "IPv6" : "IPv4", address.Address);
                if (_isStarted)
                {
                    _parts.Lookups.FindNewSelf(work, now);
                }
            }
        );
    }

    /// <summary>The network is another one, or is back: nodes are asked again at once.</summary>
    public void NetworkChanged()
    {
        Do(
            (work, now) =>
            {
                _parts.Reachability.Reset(now);
                _parts.Upkeep.NetworkChanged(now);
                if (_isStarted)
                {
                    _parts.Lookups.FindSelf(work, now);
                }
            }
        );
    }

    /// <summary>What is to be kept for the next run.</summary>
    public SavedDht Save()
    {
        lock (_lock)
        {
            _parts.Upkeep.Saved(Now);
            return new SavedDht(
                _parts.Table.Self,
                _address,
                [.. _parts.Table.Nodes.OrderByDescending(static n => n.IsGood).Select(static n => n.Compact)]
            );
        }
    }

    /// <summary>Processes one datagram that looks like a DHT message. Never throws; called by one thread at a time.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        var now = Now;
        if (_limiter.IsBlocked(from, now))
        {
            Counters.CountBlocked();
            return;
        }

        if (KrpcReader.TryRead(datagram, out var message) is not null)
        {
            _limiter.TryPass(from, datagram.Length, isProved: false, now);
            Counters.CountMalformed();
            return;
        }

        _others.Clear();
        if (message.Kind == KrpcKind.Query)
        {
            Counters.CountQuery();
            if (IsIPv6 ? message.WantsIPv4 : message.WantsIPv6)
            {
                Sibling?.FindNearest(message.Target, _others);
            }
        }

        var work = RentWork();
        lock (_lock)
        {
            if (!_isStopped)
            {
                if (message.Kind == KrpcKind.Query)
                {
                    _messages.Asked(in message, from, datagram.Length, _others, work, now);
                }
                else
                {
                    _messages.Answered(in message, from, Sibling, work, now);
                }

                _parts.Due.SetTimer(now);
            }
        }

        Finish(work);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isStopped = true;
            _parts.Searches.Clear();
            _parts.Due.Clear();
        }

        _timer.Dispose();
    }

    /// <summary>For the other family, which is asked for our nodes (BEP 32).</summary>
    private void FindNearest(in NodeId target, List<CompactNode> nearest)
    {
        lock (_lock)
        {
            _parts.Table.FindNearest(target, RoutingTable.BucketSize, onlyGood: true, nearest);
        }
    }

    /// <summary>The other family was told nodes of ours (BEP 32).</summary>
    public void Named(NodeId target, List<CompactNode> nodes, PeerEndPoint by)
    {
        Do((work, now) => _parts.Searches.Named(target, nodes, by, work, now));
    }

    private static NodeId FirstId(PeerEndPoint? address, NodeId? saved)
    {
        return saved is { } id && (address is null || SecureNodeId.IsValid(id, address.Value)) ? id
            : address is { } known ? SecureNodeId.Make(known, RandomNumberGenerator.GetBytes(NodeId.Length))
            : new NodeId(RandomNumberGenerator.GetBytes(NodeId.Length));
    }

    private void OnTimer()
    {
        Do(_dueWork.Run);
    }

    private void Do(Action<NodeWork, TimeSpan> step)
    {
        var work = RentWork();
        lock (_lock)
        {
            if (!_isStopped)
            {
                var now = Now;
                step(work, now);
                _parts.Due.SetTimer(now);
            }
        }

        Finish(work);
    }

    private T Read<T>(Func<NodeParts, TimeSpan, T> read)
    {
        lock (_lock)
        {
            return read(_parts, Now);
        }
    }

    private NodeWork RentWork()
    {
        return Interlocked.Exchange(ref _spareWork, null) ?? new NodeWork();
    }

    private void Finish(NodeWork work)
    {
        work.Finish(_port, _logger);
        Volatile.Write(ref _spareWork, work);
    }
}
