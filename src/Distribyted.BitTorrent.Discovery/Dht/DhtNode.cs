// Longer than most: what a datagram, a timer or a torrent changes in the node is decided in one place, under one lock; the parts are classes of their own.
using System.Diagnostics;
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
    public const int FewNodes = 4;

    private const int MaxNodesPerAnswer = 16; // 8 are usual
    private const int MaxChecks = 256;
    private const int MaxHeard = 32; // of them, nodes that only asked us something: their addresses may be forged
    private const int ChecksAtOnce = 4;
    private const int MaxRefreshes = 4; // lookups that fill the table after the start
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HeardWait = TimeSpan.FromSeconds(2); // answer and ping together would be more than a forged sender may cause
    private static readonly TimeSpan MaintainEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OldAfter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ParkedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SavedFirst = TimeSpan.FromSeconds(1); // time for the nodes of the last run before hosts are asked
    private static readonly TimeSpan OwnNetworkGone = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    private readonly IDatagramPort _port;
    private readonly AddressGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDhtNodeOwner _owner;
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
    private readonly PendingQueries _pending = new();
    private readonly List<Search> _searches = [];
    private PeerEndPoint? _address; // ours, as others see it
    private readonly Reachability _reachability = new();
    private readonly RecentAddresses _contacted = new(TimeSpan.FromMinutes(30));
    private readonly Queue<(CompactNode Node, TimeSpan NotBefore)> _checks = new(); // nodes to ping
    private readonly PriorityQueue<Due, TimeSpan> _due = new();
    private TimeSpan? _timerSetFor;
    private TimeSpan? _answeredAt; // when anybody last answered
    private TimeSpan _bootstrapWait = TimeSpan.FromSeconds(15);
    private TimeSpan _savedAt;
    private Search? _selfSearch;
    private int _refreshes;
    private TimeSpan? _checksDue;
    private bool _isStarted;
    private bool _loggedWorks;
    private bool _loggedSilent;
    private bool _isStopped;

    /// <param name="services">What both families share.</param>
    /// <param name="isIPv6">Which family.</param>
    /// <param name="address">Our public address, if the user says; null: others will tell.</param>
    /// <param name="saved">Of an earlier run; null: nothing.</param>
    public DhtNode(DhtNodeServices services, bool isIPv6, PeerEndPoint? address, SavedDht? saved)
    {
        (_port, _guard, _time, _logger, _owner) = (services.Port, services.Guard, services.Time, services.Logger, services.Owner);
        _externalAddress = services.External;
        Counters = services.Counters;
        IsIPv6 = isIPv6;
        _origin = _time.GetTimestamp();
        _address = address ?? saved?.Address;
        _table = new RoutingTable(FirstId(_address, saved?.Self));
        _answers = new QueryAnswers(_table, services.Budget, Counters);
        _timer = Background.CreateTimer(_time, "timer of the DHT", _logger, () => Do(OnTimer));
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
    public DhtNode? Sibling { get; set; }

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
                return _answeredAt is { } at && Now - at < OldAfter;
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

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Begins to look for nodes.</summary>
    public void Start()
    {
        Do(
            (work, now) =>
            {
                _isStarted = true;
                _savedAt = now;
                foreach (var node in _table.Nodes.ToList())
                {
                    Check(node.Compact, now);
                }

                if (_table.Count == 0)
                {
                    work.Call(() => _owner.BootstrapWanted(this));
                }

                _due.Enqueue(new Due(DueKind.Bootstrap), now + (_table.Count == 0 ? _bootstrapWait : SavedFirst));
                _due.Enqueue(new Due(DueKind.Silence), now + SilentAfter);
                _due.Enqueue(new Due(DueKind.Maintain), now + MaintainEvery);
                SearchSelf(work, now);
            }
        );
    }

    /// <summary>Asks these addresses at once, also for what is being searched for. Nothing when the table is full enough by now.</summary>
    public void Bootstrap(IReadOnlyList<PeerEndPoint> hosts)
    {
        Do(
            (work, now) =>
            {
                if (_selfSearch is null)
                {
                    SearchSelf(work, now);
                }

                foreach (
                    var search in _searches
                        .Where(static search => search.Lookup.Answers == 0 || search.Method == KrpcMethod.FindNode)
                        .ToList()
                )
                {
                    foreach (var host in hosts.Where(host => host.IsIPv6 == IsIPv6))
                    {
                        search.Lookup.AddHost(host);
                    }

                    Pump(search, work, now);
                }
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
                    Send(endPoint, null, KrpcMethod.Ping, default, null, null, work, now);
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
        Do((work, at) => Begin(search, work, at));
        return search;
    }

    /// <summary>Ends a search: it hands over nothing any more.</summary>
    public void Cancel(Search search)
    {
        lock (_lock)
        {
            search.IsCancelled = true;
            search.HasEnded = true;
            _searches.Remove(search);
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
                    SearchSelf(work, now);
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
                _bootstrapWait = TimeSpan.FromSeconds(15);
                _due.Enqueue(new Due(DueKind.Bootstrap), now + SavedFirst);
                if (_selfSearch is null && _isStarted)
                {
                    SearchSelf(work, now);
                }
            }
        );
    }

    /// <summary>What is to be kept for the next run.</summary>
    public SavedDht Save()
    {
        lock (_lock)
        {
            _savedAt = Now;
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

                SetTimer(now);
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
        Do(
            (work, now) =>
            {
                if (_searches.Find(search => search.Lookup.Target == target) is { } search)
                {
                    AddNamed(search, nodes, by, now);
                    Pump(search, work, now);
                }
                else
                {
                    AddNamed(null, nodes, by, now);
                }
            }
        );
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
                SetTimer(now);
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

    private void SetTimer(TimeSpan now)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_due.TryPeek(out _, out var due) && due != _timerSetFor)
        {
            _timerSetFor = due;
            var wait = due - now;
            _timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer(NodeWork work, TimeSpan now)
    {
        _timerSetFor = null;
        while (_due.TryPeek(out var due, out var at) && at <= now)
        {
            _due.Dequeue();
            switch (due.Kind)
            {
                case DueKind.Late:
                    Late(due.Transaction, work, now);
                    break;
                case DueKind.Timeout:
                    TimedOut(due.Transaction, work, now);
                    break;
                case DueKind.Checks:
                    CheckSome(work, now);
                    break;
                case DueKind.Announce:
                    Announce(due.Search!, work, now);
                    break;
                case DueKind.Parked:
                    EndParked(due.Search!, work);
                    break;
                case DueKind.Bootstrap:
                    BootstrapIfFew(work, now);
                    break;
                case DueKind.Silence:
                    SayIfSilent();
                    break;
                case DueKind.Maintain:
                    Maintain(work, now);
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

        if (!_contacted.Contains(from, now))
        {
            _reachability.ReceivedUnasked();
        }

        _answers.Answer(in query, from, length, _others, work, now);
        if (!query.IsReadOnly && _guard.MayDial(from, from.Address, webPorts: false))
        {
            CheckIfPlace(new CompactNode(query.Sender, from), now + HeardWait, MaxHeard);
        }
    }

    private void Answered(in KrpcMessage message, PeerEndPoint from, NodeWork work, TimeSpan now)
    {
        if (message.Transaction.Length != 4 || _pending.TakeAnswered(TransactionOf(message.Transaction), from, now) is not { } query)
        {
            Counters.CountUnasked();
            return;
        }

        _answeredAt = now;
        _loggedSilent = false;
        _reachability.Working(now);
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
                CheckIfPlace(new CompactNode(message.Sender, from), now, MaxHeard); // began anew with another id if it keeps that one, or lies
            }

            if (message.SeenAs is { } seenAs && seenAs.IsIPv6 == IsIPv6)
            {
                work.Call(() => _externalAddress.Vote(seenAs.Address, from.Address));
            }
        }

        if (query.Search is { } search)
        {
            AnsweredSearch(search, query.Node!, isRight, in message, from, work, now);
        }

        if (isNew)
        {
            Resume(new CompactNode(message.Sender, from), work, now);
        }
    }

    private void AnsweredSearch(
        Search search,
        LookupNode node,
        bool isRight,
        in KrpcMessage message,
        PeerEndPoint from,
        NodeWork work,
        TimeSpan now
    )
    {
        if (!isRight)
        {
            search.Lookup.Failed(node);
            Pump(search, work, now);
            return;
        }

        search.Lookup.Answered(node, message.Token);
        List<CompactNode> nodes = [];
        CompactNode.ReadAll(IsIPv6 ? message.Nodes6 : message.Nodes, IsIPv6, MaxNodesPerAnswer, nodes);
        AddNamed(search, nodes, from, now);
        if (Sibling is { } sibling && !(IsIPv6 ? message.Nodes : message.Nodes6).IsEmpty)
        {
            List<CompactNode> others = [];
            CompactNode.ReadAll(IsIPv6 ? message.Nodes : message.Nodes6, !IsIPv6, MaxNodesPerAnswer, others);
            var target = search.Lookup.Target;
            work.Call(() => sibling.Named(target, others, from));
        }

        if (search is { Found: { } found, IsCancelled: false })
        {
            List<PeerEndPoint> peers = [];
            message.ReadValues(peers);
            if (peers.Count > 0 && search.New(peers) is { Count: > 0 } fresh)
            {
                work.Call(() => found(fresh, from));
            }
        }

        Pump(search, work, now);
    }

    /// <summary>Nodes that a node has named. A node on the internet names none of our network.</summary>
    private void AddNamed(Search? search, List<CompactNode> nodes, PeerEndPoint by, TimeSpan now)
    {
        foreach (var node in nodes)
        {
            if (node.Id == _table.Self || !_guard.MayDial(node.EndPoint, by.Address, webPorts: false))
            {
                continue;
            }

            if (search is { HasEnded: false })
            {
                search.Lookup.Add(node);
            }

            CheckIfPlace(node, now, MaxChecks);
        }
    }

    private void Begin(Search search, NodeWork work, TimeSpan now)
    {
        _searches.Add(search);
        List<CompactNode> nearest = [];
        _table.FindNearest(search.Lookup.Target, 2 * Lookup.Wanted, onlyGood: false, nearest);
        foreach (var node in nearest)
        {
            search.Lookup.Add(node);
        }

        if (search.Found is { } found)
        {
            FindStored(search, found, work, now);
        }

        Pump(search, work, now);
    }

    /// <summary>In a small network we may be the node that knows.</summary>
    private void FindStored(Search search, Action<IReadOnlyList<PeerEndPoint>, PeerEndPoint> found, NodeWork work, TimeSpan now)
    {
        List<PeerEndPoint> stored = [];
        _answers.Peers.Find(search.Lookup.Target, KrpcMessage.MaxValues, now, stored);
        foreach (var peer in search.New(stored))
        {
            work.Call(() => found([peer], peer)); // it has proved its address, and named itself
        }
    }

    /// <summary>Asks whom the search wants to ask, and ends it when it is done.</summary>
    private void Pump(Search search, NodeWork work, TimeSpan now)
    {
        if (search.HasEnded)
        {
            return;
        }

        while (search.Lookup.Next() is { } node)
        {
            Send(node.EndPoint, node.Id, search.Method, search.Lookup.Target, search, node, work, now);
        }

        if (!search.Lookup.IsDone)
        {
            return;
        }

        if (search.Lookup.Answers == 0 && now - search.StartedAt < ParkedFor)
        {
            _due.Enqueue(new Due(DueKind.Parked) { Search = search }, search.StartedAt + ParkedFor); // goes on with the first node that is found
            return;
        }

        End(search, work);
        if (search.AnnouncePort > 0)
        {
            _due.Enqueue(new Due(DueKind.Announce) { Search = search }, search.AnnounceAt);
        }

        if (search.Method == KrpcMethod.FindNode)
        {
            FillTable(search, work, now);
        }
    }

    private void End(Search search, NodeWork work)
    {
        search.HasEnded = true;
        _searches.Remove(search);
        if (search == _selfSearch)
        {
            _selfSearch = null;
        }

        if (search.Ended is { } ended)
        {
            work.Call(() => ended(search.Lookup.Answers));
        }
    }

    private void EndParked(Search search, NodeWork work)
    {
        if (search is { HasEnded: false, Lookup: { Answers: 0, IsDone: true } })
        {
            End(search, work);
        }
    }

    /// <summary>A node has come into the table: searches that had no node to ask go on with it.</summary>
    private void Resume(CompactNode node, NodeWork work, TimeSpan now)
    {
        foreach (var search in _searches.Where(static search => search.Lookup.Answers == 0).ToList())
        {
            search.Lookup.Add(node);
            Pump(search, work, now);
        }
    }

    private void SearchSelf(NodeWork work, TimeSpan now)
    {
        _refreshes = 0;
        _selfSearch = new Search(_table.Self, KrpcMethod.FindNode, now);
        Begin(_selfSearch, work, now);
    }

    /// <summary>After the lookup of our own id the far buckets are filled, with one lookup at a time.</summary>
    private void FillTable(Search ended, NodeWork work, TimeSpan now)
    {
        if (!_loggedWorks && _table.GoodCount > 0)
        {
            _loggedWorks = true;
            _logger.DhtWorks(Family, _table.GoodCount);
        }

        if (
            ended.Lookup.Answers > 0
            && _refreshes < MaxRefreshes
            && _table.TakeBucketToRefresh(now - TimeSpan.FromSeconds(1), true, now) is { } bucket
        )
        {
            _refreshes++;
            Begin(new Search(IdIn(bucket), KrpcMethod.FindNode, now), work, now);
        }
    }

    /// <summary>A random id that shares exactly so many first bits with ours.</summary>
    private NodeId IdIn(int bucket)
    {
        Span<byte> self = stackalloc byte[NodeId.Length];
        Span<byte> id = stackalloc byte[NodeId.Length];
        _table.Self.CopyTo(self);
        RandomNumberGenerator.Fill(id);
        self[..(bucket / 8)].CopyTo(id);
        var kept = 0xff00 >> (bucket % 8);
        var own = self[bucket / 8] ^ (0x80 >> (bucket % 8));
        var mask = (byte)(kept | (0x80 >> (bucket % 8)));
        id[bucket / 8] = (byte)((own & mask) | (id[bucket / 8] & ~mask));
        return new NodeId(id);
    }

    private void Send(
        PeerEndPoint to,
        NodeId? expected,
        KrpcMethod method,
        NodeId target,
        Search? search,
        LookupNode? node,
        NodeWork work,
        TimeSpan now
    )
    {
        var transaction = _pending.Add(new PendingQuery(to, expected, search, node, now));
        WriteQuery(method, transaction, target, default, 0, work);
        work.Send(to);
        _contacted.Add(to, now);
        _due.Enqueue(
            new Due(search is null ? DueKind.Timeout : DueKind.Late, transaction),
            now + (search is null ? PendingQueries.Timeout : _pending.LateAfter)
        );
    }

    private void WriteQuery(KrpcMethod method, uint transaction, NodeId target, ReadOnlySpan<byte> token, int port, NodeWork work)
    {
        work.Writer.WriteQuery(
            new KrpcQuery
            {
                Method = method,
                Transaction = transaction,
                Self = _table.Self,
                Target = target,
                Token = token,
                Port = port,
                WantsBoth = Sibling is not null,
                IsReadOnly = _reachability.IsReadOnly,
            }
        );
    }

    private void Announce(Search search, NodeWork work, TimeSpan now)
    {
        if (search.IsCancelled)
        {
            return;
        }

        foreach (var node in search.Lookup.FindNearestWithToken())
        {
            var transaction = _pending.Add(new PendingQuery(node.EndPoint, node.Id, null, null, now));
            WriteQuery(KrpcMethod.AnnouncePeer, transaction, search.Lookup.Target, node.Token, search.AnnouncePort, work);
            work.Send(node.EndPoint);
            _due.Enqueue(new Due(DueKind.Timeout, transaction), now + PendingQueries.Timeout);
        }
    }

    private void Late(uint transaction, NodeWork work, TimeSpan now)
    {
        if (_pending.Find(transaction) is not { } query)
        {
            return;
        }

        _due.Enqueue(new Due(DueKind.Timeout, transaction), query.SentAt + PendingQueries.Timeout);
        if (query is { Search: { } search, Node: { } node })
        {
            search.Lookup.Late(node);
            Pump(search, work, now);
        }
    }

    private void TimedOut(uint transaction, NodeWork work, TimeSpan now)
    {
        if (_pending.TakeTimedOut(transaction) is not { } query)
        {
            return;
        }

        if (_answeredAt is { } at && now - at < OwnNetworkGone) // else it may be our own line
        {
            _table.Failed(query.To);
        }

        if (query is { Search: { } search, Node: { } node })
        {
            search.Lookup.Failed(node);
            Pump(search, work, now);
        }
    }

    private void CheckIfPlace(CompactNode node, TimeSpan notBefore, int most)
    {
        if (
            _checks.Count < most
            && _table.HasPlaceFor(node.Id, node.EndPoint)
            && !_checks.Any(check => check.Node.EndPoint == node.EndPoint)
        )
        {
            Check(node, notBefore);
        }
    }

    private void Check(CompactNode node, TimeSpan notBefore)
    {
        _checks.Enqueue((node, notBefore));
        SetChecks(Now);
    }

    /// <summary>Pings a few of the nodes that may come into the table, or that are in it from an earlier run.</summary>
    private void CheckSome(NodeWork work, TimeSpan now)
    {
        var sent = 0;
        for (var looked = _checks.Count; looked > 0 && sent < ChecksAtOnce; looked--)
        {
            var (node, notBefore) = _checks.Dequeue();
            if (notBefore > now)
            {
                _checks.Enqueue((node, notBefore));
            }
            else if (!_table.IsGood(node.EndPoint))
            {
                Send(node.EndPoint, node.Id, KrpcMethod.Ping, default, null, null, work, now);
                sent++;
            }
        }

        _checksDue = null;
        SetChecks(now);
    }

    private void SetChecks(TimeSpan now)
    {
        if (_checks.Count == 0)
        {
            return;
        }

        var first = _checks.Min(static check => check.NotBefore);
        var due = first > now + CheckEvery ? first : now + CheckEvery;
        if (_checksDue is not { } set || due < set)
        {
            _checksDue = due;
            _due.Enqueue(new Due(DueKind.Checks), due);
        }
    }

    private void BootstrapIfFew(NodeWork work, TimeSpan now)
    {
        if (_table.GoodCount >= FewNodes)
        {
            return;
        }

        work.Call(() => _owner.BootstrapWanted(this));
        _due.Enqueue(new Due(DueKind.Bootstrap), now + _bootstrapWait);
        _bootstrapWait = _bootstrapWait < TimeSpan.FromMinutes(8) ? _bootstrapWait * 2 : _bootstrapWait;
    }

    private void SayIfSilent()
    {
        if (_answeredAt is null && !_loggedSilent)
        {
            _loggedSilent = true;
            _logger.DhtSilent(Family, SilentAfter);
        }
    }

    private void Maintain(NodeWork work, TimeSpan now)
    {
        _due.Enqueue(new Due(DueKind.Maintain), now + MaintainEvery);
        foreach (var node in _table.FindOld(now - OldAfter, 2 * ChecksAtOnce).ToList())
        {
            Send(node.EndPoint, node.Id, KrpcMethod.Ping, default, null, null, work, now);
        }

        if (_table.TakeBucketToRefresh(now - OldAfter, false, now) is { } bucket)
        {
            Begin(new Search(IdIn(bucket), KrpcMethod.FindNode, now), work, now);
        }

        if (_table.GoodCount < FewNodes && !_due.UnorderedItems.Any(static item => item.Element.Kind == DueKind.Bootstrap))
        {
            BootstrapIfFew(work, now);
        }

        if (_loggedWorks && !_loggedSilent && _answeredAt is { } at && now - at > OldAfter)
        {
            (_loggedSilent, _loggedWorks) = (true, false);
            _logger.DhtSilent(Family, OldAfter);
        }

        if (_reachability.Check(now))
        {
            _logger.DhtUnreachable(Family, Reachability.Patience);
        }

        if (now - _savedAt >= SaveEvery)
        {
            _savedAt = now;
            work.Call(_owner.SaveWanted);
        }
    }

    private string Family => IsIPv6 ? "IPv6" : "IPv4";

    private static uint TransactionOf(ReadOnlySpan<byte> bytes)
    {
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private enum DueKind
    {
        Late,
        Timeout,
        Checks,
        Announce,
        Parked,
        Bootstrap,
        Silence,
        Maintain,
    }

    private readonly record struct Due(DueKind Kind, uint Transaction = 0)
    {
        public Search? Search { get; init; }
    }
}
