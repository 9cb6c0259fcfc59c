// Longer than most: what a datagram, a timer or a torrent changes in the node goes through one lock; the parts that change are classes of their own.
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

    private static readonly TimeSpan HeardWait = TimeSpan.FromSeconds(2); // answer and ping together would be more than a forged sender may cause

    private readonly IDatagramPort _port;
    private readonly AddressGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ExternalAddress _externalAddress;
    private readonly ITimer _timer;
    private readonly long _origin;
    private readonly QueryLimiter _limiter = new(); // of Receive only
    private readonly List<CompactNode> _others = []; // of Receive only
    private readonly Lock _lock = new();
    private NodeWork? _spareWork;

    // Guarded by _lock.
    private readonly RoutingTable _table;
    private readonly QueryAnswers _answers;
    private readonly Reachability _reachability = new();
    private readonly DueQueue _due;
    private readonly NodeHealth _health;
    private readonly NodeQueries _queries;
    private readonly TableChecks _checks;
    private readonly Searches _searches;
    private readonly TableUpkeep _upkeep;
    private PeerEndPoint? _address; // ours, as others see it
    private bool _isStarted;
    private bool _isStopped;

    /// <param name="services">What both families share.</param>
    /// <param name="isIPv6">Which family.</param>
    /// <param name="address">Our public address, if the user says; null: others will tell.</param>
    /// <param name="saved">Of an earlier run; null: nothing.</param>
    public DhtNode(DhtNodeServices services, bool isIPv6, PeerEndPoint? address, SavedDht? saved)
    {
        (_port, _guard, _time, _logger) = (services.Port, services.Guard, services.Time, services.Logger);
        _externalAddress = services.External;
        Counters = services.Counters;
        IsIPv6 = isIPv6;
        _origin = _time.GetTimestamp();
        _address = address ?? saved?.Address;
        _table = new RoutingTable(FirstId(_address, saved?.Self));
        _answers = new QueryAnswers(_table, services.Budget, Counters);
        _timer = Background.CreateTimer(_time, "timer of the DHT", _logger, () => Do(OnTimer));
        _due = new DueQueue(_lock, _timer);
        _health = new NodeHealth(_lock, Family, _logger, _reachability);
        _queries = new NodeQueries(_lock, _table, _reachability, _due);
        _checks = new TableChecks(_lock, _table, _queries, _due);
        _searches = new Searches(_lock, isIPv6, _guard, _table, _answers.Peers, _health, _queries, _checks, _due);
        var owner = services.Owner;
        _upkeep = new TableUpkeep(
            _lock,
            _table,
            _health,
            _queries,
            _checks,
            _searches,
            _due,
            bootstrapWanted: () => owner.BootstrapWanted(this),
            saveWanted: owner.SaveWanted
        );
        foreach (var node in saved?.Nodes ?? [])
        {
            if (_guard.MayDial(node.EndPoint, null, webPorts: false))
            {
                _table.AddSaved(node);
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
            _queries.WantsBoth = value is not null;
        }
    }

    public DhtCounters Counters { get; }

    /// <summary>Our id, the nodes in the table, and how many of them answered the last question.</summary>
    public (NodeId Self, int Nodes, int Good) Status
    {
        get
        {
            lock (_lock)
            {
                return (_table.Self, _table.Count, _table.GoodCount);
            }
        }
    }

    /// <summary>Whether a node has answered in the last minutes.</summary>
    public bool IsWorking
    {
        get
        {
            lock (_lock)
            {
                return _health.IsWorking(Now);
            }
        }
    }

    /// <summary>Whether our queries say that no node can reach us (BEP 43).</summary>
    public bool IsReadOnly
    {
        get
        {
            lock (_lock)
            {
                return _reachability.IsReadOnly;
            }
        }
    }

    /// <summary>Peers that others have announced to us.</summary>
    public int StoredPeers
    {
        get
        {
            lock (_lock)
            {
                return _answers.Peers.Count;
            }
        }
    }

    private string Family => IsIPv6 ? "IPv6" : "IPv4";

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Begins to look for nodes.</summary>
    public void Start()
    {
        Do(
            (work, now) =>
            {
                _isStarted = true;
                _upkeep.Start(work, now);
                _searches.SearchSelf(work, now);
            }
        );
    }

    /// <summary>Asks these addresses at once, also for what is being searched for. Nothing when the table is full enough by now.</summary>
    public void Bootstrap(IReadOnlyList<PeerEndPoint> hosts)
    {
        Do(
            (work, now) =>
            {
                if (!_searches.IsSearchingSelf)
                {
                    _searches.SearchSelf(work, now);
                }

                _searches.AddHosts(hosts, work, now);
            }
        );
    }

    /// <summary>Pings a node of which a torrent or a peer tells the address; it comes into the table when it answers.</summary>
    public void Ping(PeerEndPoint endPoint)
    {
        Do(
            (work, now) =>
            {
                if (!_table.IsGood(endPoint))
                {
                    _queries.Ping(endPoint, null, work, now);
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
        Do((work, at) => _searches.Begin(search, work, at));
        return search;
    }

    /// <summary>Ends a search: it hands over nothing any more.</summary>
    public void Cancel(Search search)
    {
        lock (_lock)
        {
            _searches.Cancel(search);
        }
    }

    /// <summary>Others see us at this address: our id follows it (BEP 42), and with another one we look for our new neighbours.</summary>
    public void SeenAt(PeerEndPoint address)
    {
        Do(
            (work, now) =>
            {
                _address = address;
                if (SecureNodeId.IsValid(_table.Self, address))
                {
                    return;
                }

                _table.ChangeSelf(SecureNodeId.Make(address, RandomNumberGenerator.GetBytes(NodeId.Length)), now);
                _logger.DhtAddressChanged(Family, address.Address);
                if (_isStarted)
                {
                    _searches.SearchSelf(work, now);
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
                _reachability.Reset(now);
                _upkeep.NetworkChanged(now);
                if (!_searches.IsSearchingSelf && _isStarted)
                {
                    _searches.SearchSelf(work, now);
                }
            }
        );
    }

    /// <summary>What is to be kept for the next run.</summary>
    public SavedDht Save()
    {
        lock (_lock)
        {
            _upkeep.Saved(Now);
            return new SavedDht(
                _table.Self,
                _address,
                [.. _table.Nodes.OrderByDescending(static n => n.IsGood).Select(static n => n.Compact)]
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

        KrpcMessage message;
        try
        {
            message = KrpcReader.Read(datagram);
        }
        catch (ProtocolException)
        {
            _limiter.TryPass(from, false, now);
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
                    Asked(in message, from, datagram.Length, work, now);
                }
                else
                {
                    Answered(in message, from, work, now);
                }

                _due.SetTimer(now);
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
            _searches.Clear();
            _due.Clear();
        }

        _timer.Dispose();
    }

    /// <summary>For the other family, which is asked for our nodes (BEP 32).</summary>
    private void FindNearest(in NodeId target, List<CompactNode> nearest)
    {
        lock (_lock)
        {
            _table.FindNearest(target, RoutingTable.BucketSize, onlyGood: true, nearest);
        }
    }

    /// <summary>The other family was told nodes of ours (BEP 32).</summary>
    private void Named(NodeId target, List<CompactNode> nodes, PeerEndPoint by)
    {
        Do((work, now) => _searches.Named(target, nodes, by, work, now));
    }

    private static NodeId FirstId(PeerEndPoint? address, NodeId? saved)
    {
        return saved is { } id && (address is null || SecureNodeId.IsValid(id, address.Value)) ? id
            : address is { } known ? SecureNodeId.Make(known, RandomNumberGenerator.GetBytes(NodeId.Length))
            : new NodeId(RandomNumberGenerator.GetBytes(NodeId.Length));
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
                _due.SetTimer(now);
            }
        }

        Finish(work);
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

    private void OnTimer(NodeWork work, TimeSpan now)
    {
        _due.TimerFired();
        while (_due.TryTake(now, out var due))
        {
            switch (due.Kind)
            {
                case DueKind.Late:
                    if (_queries.FindLate(due.Transaction) is { } late)
                    {
                        _searches.Late(late, work, now);
                    }

                    break;
                case DueKind.Timeout:
                    TimedOut(due.Transaction, work, now);
                    break;
                case DueKind.Checks:
                    _checks.PingSome(work, now);
                    break;
                case DueKind.Announce:
                    _searches.Announce(due.Search!, work, now);
                    break;
                case DueKind.Parked:
                    _searches.EndParked(due.Search!, work);
                    break;
                case DueKind.Bootstrap:
                    _upkeep.BootstrapIfFew(work, now);
                    break;
                case DueKind.Silence:
                    _health.LogIfSilent();
                    break;
                case DueKind.Maintain:
                    _upkeep.Maintain(work, now);
                    break;
            }
        }
    }

    private void Asked(in KrpcMessage query, PeerEndPoint from, int length, NodeWork work, TimeSpan now)
    {
        if (from.Port == 0 || query.Sender == _table.Self || !_limiter.TryPass(from, _answers.IsProved(from, now), now))
        {
            Counters.CountBlocked();
            return;
        }

        if (!_queries.HasContacted(from, now))
        {
            _reachability.ReceivedUnasked();
        }

        _answers.Answer(in query, from, length, _others, work, now);
        if (!query.IsReadOnly && _guard.MayDial(from, from.Address, webPorts: false))
        {
            _checks.AddIfPlace(new CompactNode(query.Sender, from), now + HeardWait, TableChecks.MaxHeard, now);
        }
    }

    private void Answered(in KrpcMessage message, PeerEndPoint from, NodeWork work, TimeSpan now)
    {
        if (_queries.TakeAnswered(message.Transaction, from, now) is not { } query)
        {
            Counters.CountUnasked();
            return;
        }

        _health.Answered(now);
        _answers.Proved(from, now);
        var isRight = message.Kind == KrpcKind.Response && (query.Expected is not { } expected || expected == message.Sender);
        var isNew = false;
        if (message.Kind == KrpcKind.Response)
        {
            if (isRight)
            {
                isNew = _table.Answered(message.Sender, from, now);
            }
            else
            {
                _table.Forget(from);
                Counters.CountWrongId();
                _checks.AddIfPlace(new CompactNode(message.Sender, from), now, TableChecks.MaxHeard, now); // began anew with another id if it keeps that one, or lies
            }

            if (message.SeenAs is { } seenAs && seenAs.IsIPv6 == IsIPv6)
            {
                work.Call(() => _externalAddress.Vote(seenAs.Address, from.Address));
            }
        }

        if (!isRight)
        {
            _searches.Failed(query, work, now);
        }
        else if (query is { Search: { } search, Node: { } node })
        {
            if (Sibling is { } sibling && !(IsIPv6 ? message.Nodes : message.Nodes6).IsEmpty)
            {
                TellSibling(sibling, search.Lookup.Target, _searches.ReadOthers(in message), from, work);
            }

            _searches.Answered(search, node, in message, from, work, now);
        }

        if (isNew)
        {
            _searches.Resume(new CompactNode(message.Sender, from), work, now);
        }
    }

    private void TimedOut(uint transaction, NodeWork work, TimeSpan now)
    {
        if (_queries.TakeTimedOut(transaction) is not { } query)
        {
            return;
        }

        if (_health.IsOwnNetworkWorking(now)) // else it may be our own line
        {
            _table.Failed(query.To);
        }

        _searches.Failed(query, work, now);
    }

    private static void TellSibling(DhtNode sibling, NodeId target, List<CompactNode> nodes, PeerEndPoint by, NodeWork work)
    {
        work.Call(() => sibling.Named(target, nodes, by));
    }
}
