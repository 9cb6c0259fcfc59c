using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Who is connected, who may be dialled, who is choked.</summary>
internal sealed partial class Swarm
{
    private const long Second = MonotonicClock.Second;
    private const long IdleLimit = 150 * Second; // BEP 3 clients send a keep-alive every two minutes
    private const long KeepAliveEvery = 90 * Second;
    private const int MaxRememberedSources = 4096;
    private const int MaxKept = 16;
    private const long KeepPeersEvery = 300 * Second; // and once as soon as a peer serves us: the process may end without closing
    private const long WaitsTooLong = 5 * Second;
    private const long InterestLasts = 60 * Second; // as the scheduler's

    private readonly CancellationTokenSource _dials = new();
    private readonly List<Peer> _peers = [];
    private readonly List<Peer?> _slots = [];
    private readonly List<int> _generations = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly PeerCandidates _candidates = new();
    private readonly OpenDials _openDials = new();
    private readonly Dictionary<long, PeerEndPoint> _sources = [];
    private readonly Choker _choker = new();
    private int _uploadSlots;
    private long _peersKeptAt = -1;

    /// <summary>Whether the torrent wants more peers than it has.</summary>
    public int WantedPeers
    {
        get
        {
            lock (_lock)
            {
                return _isDisposed || !IsLooking ? 0 : Math.Max(0, WantedConnections - _peers.Count);
            }
        }
    }

    /// <summary>Bytes of pieces that are not stored.</summary>
    public long MissingBytes
    {
        get
        {
            lock (_lock)
            {
                if (_info is null || _pieces is null)
                {
                    return 0;
                }

                var last = _info.Layout.PieceCount - 1;
                var left = (long)(_info.Layout.PieceCount - _pieces.StoredCount) * _info.Layout.PieceLength;
                var isShorter = _pieces.IsStored(last) ? 0 : _info.Layout.PieceLength - _info.Layout.LengthOf(last);
                return Math.Max(0, left - isShorter);
            }
        }
    }

    private bool IsFinished => _info is not null && _pieces!.StoredCount == _info.Layout.PieceCount;

    private int MaxPeers
    {
        get
        {
            var limit = Services.Options.MaxConnectionsPerTorrent;
            return IsReaderStarved(2 * Second) ? limit + (limit * 6 / 10) : limit;
        }
    }

    public void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        AddPeers(peers, origin, null);
    }

    private void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin, System.Net.IPAddress? namedBy)
    {
        using var section = Enter();
        foreach (var peer in peers)
        {
            if (Services.Guard.MayDialPeer(peer, origin, namedBy) && !Services.Peers.Bans.IsBanned(peer, InfoHash))
            {
                _candidates.Add(peer, origin, section.Now);
            }
        }

        Dial(section.Now);
    }

    /// <summary>A handshake is done: lets the peer in, or says why not.</summary>
    public DialOutcome Join(Peer peer)
    {
        using var section = Enter();
        if (_isDisposed || Services.Peers.Bans.IsBanned(peer.Remote, InfoHash) || peer.Id == Services.Peers.PeerId)
        {
            return DialOutcome.Failed;
        }

        if (_peers.Find(p => p.Id == peer.Id && !p.IsClosed && !p.IsLeaving) is { } other)
        {
            if (!WinsOver(other, peer))
            {
                return DialOutcome.Failed;
            }

            Services.Connections.Replace(Share);
            LetGo(other, isUseless: false);
        }
        else if (!TryTakePlace(peer, section.Now))
        {
            return DialOutcome.NoRoom;
        }

        if (!_freeSlots.TryPop(out var index))
        {
            index = _slots.Count;
            _slots.Add(null);
            _generations.Add(0);
        }

        peer.Slot = new PeerSlot(index, ++_generations[index]);
        _slots[index] = peer;
        _peers.Add(peer);
        if (_sources.Count > MaxRememberedSources)
        {
            _sources.Clear();
        }

        _sources[peer.Source] = peer.Remote;
        if (peer.Listens is { } listens)
        {
            _candidates.Connected(listens, PeerOrigin.Incoming, section.Now);
        }

        Greet(peer);
        JoinScheduler(peer, section.Now);
        Services.Log.PeerJoined(InfoHash, peer.Remote, peer.Id, peer.Rtt / 1000);
        return DialOutcome.Joined;
    }

    /// <summary>For the peer's loop: the connection has ended.</summary>
    public void Left(Peer peer, string reason)
    {
        using var section = Enter();
        if (PeerAt(peer.Slot) != peer)
        {
            return;
        }

        _slots[peer.Slot.Index] = null;
        _freeSlots.Push(peer.Slot.Index);
        _peers.Remove(peer);
        peer.Early = null;
        _scheduler?.PeerLeft(peer.Slot, section.Now);
        Services.Download.Take(-(_scheduler?.DrainUnanswered() ?? 0)); // also when nothing runs any more
        _needsRun = true;
        Services.Connections.Leave(Share);
        if (peer.Listens is { } listens)
        {
            var worked = peer.Downloaded > 0 || section.Now - peer.ConnectedAt > 30 * Second || (peer.IsSeed && IsFinished);
            if (peer.IsLeaving && !peer.IsUseless && !worked)
            {
                PutBackCandidate(listens, section.Now);
            }
            else
            {
                FreeCandidate(listens, worked && !peer.IsUseless, section.Now);
            }
        }

        Services.Log.PeerLeft(InfoHash, peer.Remote, reason);
        if (!_isDisposed)
        {
            _extensions.PeerLeft(peer, section.Now);
        }

        Dial(section.Now);
    }

    /// <summary>For the dialler: this dial is over.</summary>
    public void DialEnded(PeerEndPoint peer, DialOutcome outcome)
    {
        using var section = Enter();
        _openDials.End(peer);
        if (outcome == DialOutcome.Failed)
        {
            FreeCandidate(peer, worked: false, section.Now);
        }
        else if (outcome == DialOutcome.NotTried && !_peers.Exists(p => p.Listens == peer))
        {
            _candidates.NotTried(peer, section.Now);
        }
        else if (outcome == DialOutcome.NoRoom)
        {
            PutBackCandidate(peer, section.Now);
        }

        Dial(section.Now);
    }

    /// <summary>Once a second: everything slow.</summary>
    public void Heartbeat()
    {
        using var section = Enter();
        if (_isDisposed)
        {
            return;
        }

        var now = section.Now;
        Span<byte> message = stackalloc byte[8];
        foreach (var peer in _peers)
        {
            if (peer.Connection.Look(now))
            {
                _scheduler?.Heard(peer.Slot, now);
            }

            if (now - peer.LastReceivedAt > IdleLimit)
            {
                _closing.Add(peer);
            }
            else if (now - peer.LastSentAt > KeepAliveEvery)
            {
                Post(peer, message[..PeerMessageWriter.WriteKeepAlive(message)]);
            }
        }

        CheckReaders(now);
        TakeOffers(now);
        LoseInterest(now);
        SetUrgency(now);
        Shrink(now);
        if (_choker.IsDue(now))
        {
            _uploadSlots = CountUploadSlots();
            foreach (var (peer, unchoke) in _choker.Round(_peers, _uploadSlots, IsFinished || _readers.Count == 0, MayUploadTo, now))
            {
                SetChoke(peer, !unchoke, now);
            }
        }

        _extensions.Heartbeat(now);
        Dial(now);
        KeepPeers(now);
        if (LacksOwner(WaitsTooLong, now))
        {
            DialSilentAgain(now);
            Torrent.PeersWanted();
        }
    }

    /// <summary>Peers for the next time: those that gave most, then those that ever answered.</summary>
    public IReadOnlyList<PeerEndPoint> BestPeers()
    {
        lock (_lock)
        {
            return
            [
                .. _peers
                    .Where(static p => p.Listens is not null)
                    .OrderByDescending(static p => p.Downloaded)
                    .Select(static p => p.Listens!.Value)
                    .Concat(_candidates.ThatWorked())
                    .Distinct()
                    .Take(MaxKept),
            ];
        }
    }

    /// <summary>Connected peers and how many of them have everything.</summary>
    public (int Peers, int Seeds) CountPeers()
    {
        lock (_lock)
        {
            var seeds = 0;
            foreach (var peer in _peers)
            {
                seeds += peer.IsSeed ? 1 : 0;
            }

            return (_peers.Count, seeds);
        }
    }

    public void CountUpload(long bytes)
    {
        Torrent.CountUpload(bytes);
    }

    private int CountUploadSlots()
    {
        var sent = 0L;
        foreach (var peer in _peers)
        {
            sent += peer.Uploaded - peer.AtLastRound.Uploaded;
        }

        return UploadSlots.Count(Services.Options.UploadSlots, Services.Options.UploadRateLimit, sent * Second / Choker.RoundLength);
    }

    private Peer? PeerAt(PeerSlot slot)
    {
        return slot.Index < _slots.Count && _generations[slot.Index] == slot.Generation ? _slots[slot.Index] : null;
    }

    /// <summary>Both sides dialled: both must keep the same one, the connection that the smaller peer id opened.</summary>
    private bool WinsOver(Peer other, Peer peer)
    {
        if (other.IsOutgoing == peer.IsOutgoing)
        {
            // It would not come again if its old connection still worked: its line was away, and it knows before we do.
            var replaces = other.Client == peer.Client && Clock.Now - other.LastReceivedAt >= SilentFor;
            if (replaces)
            {
                Reset(other);
            }

            return replaces;
        }

        Span<byte> mine = stackalloc byte[PeerId.Length];
        Span<byte> theirs = stackalloc byte[PeerId.Length];
        Services.Peers.PeerId.CopyTo(mine);
        peer.Id.CopyTo(theirs);
        var outgoingWins = mine.SequenceCompareTo(theirs) < 0;
        return peer.IsOutgoing == outgoingWins;
    }

    private void Greet(Peer peer)
    {
        Span<byte> message = stackalloc byte[16];
        var stored = _pieces?.StoredCount ?? 0;
        if (stored == 0)
        {
            if (peer.SpeaksFast)
            {
                Post(peer, message[..PeerMessageWriter.WriteHaveNone(message)]);
            }
        }
        else if (stored == _info!.Layout.PieceCount && peer.SpeaksFast)
        {
            Post(peer, message[..PeerMessageWriter.WriteHaveAll(message)]);
        }
        else
        {
            var bitfield = new byte[5 + ((_info.Layout.PieceCount + 7) / 8)];
            PeerMessageWriter.WriteBitfieldHeader(bitfield, bitfield.Length - 5);
            _pieces!.CopyStored(bitfield.AsSpan(5));
            peer.Outbox.AppendIntroduction(bitfield);
        }

        if (peer.SpeaksExtensions)
        {
            Post(peer, _extensions.Greet(peer, HandshakeFor(peer)));
        }

        // The unchoke may be under way while metadata and file names are: interest is shown before it is known what will be read.
        if (!IsFinished && IsLooking)
        {
            ShowInterest(peer, Clock.Now);
        }
    }

    private void JoinScheduler(Peer peer, long now)
    {
        if (_scheduler is null)
        {
            return;
        }

        var reqq = peer.Extensions?.RequestQueue is > 0 and var said ? said : 250;
        _scheduler.PeerJoined(peer.Slot, new PeerTraits(peer.HostKey, reqq, peer.Rtt, peer.SpeaksFast), now);
        peer.Have ??= new Bitfield(_info!.Layout.PieceCount);
        ProcessEarlyMessages(peer);
        if (!peer.IsChoking)
        {
            _scheduler.Unchoked(peer.Slot, now);
        }
    }

    private void KeepPeers(long now)
    {
        var isDue = _peersKeptAt < 0 || now - _peersKeptAt >= KeepPeersEvery;
        if (isDue && _info is not null && _peers.Exists(static p => p.Downloaded > 0))
        {
            _peersKeptAt = now;
            Torrent.KeepPeers(BestPeers());
        }
    }

    private void Dial(long now)
    {
        if (_isDisposed || !IsLooking || !_openDials.MayBegin(now) || !HasRoomToDial(now))
        {
            return;
        }

        var isWanted = IsShortOfPeers(now);
        while (HasRoomToDial(now) && _openDials.MayBegin(now) && _candidates.TryTake(now, isWanted, Services.Peers.Network, out var peer))
        {
            if (Services.Peers.Bans.IsBanned(peer, InfoHash))
            {
                _candidates.Remove(peer);
            }
            else if (IsClientCrowded(peer, now))
            {
                _candidates.NoRoom(peer, now);
            }
            else if (!TryBeginDial(peer, now))
            {
                _candidates.NotTried(peer, now); // a slot that becomes free comes back to us
                break;
            }
        }
    }

    private bool TryBeginDial(PeerEndPoint peer, long now)
    {
        if (!Services.Peers.Dials.TryTake(Share, out var slot))
        {
            return false;
        }

        _openDials.Begin(peer, now);
        Services.Dialer.Dial(this, peer, slot, _dials.Token);
        return true;
    }

    private void Ban(long source, int piece)
    {
        if (!_sources.TryGetValue(source, out var remote) || Services.Peers.Bans.IsBanned(remote, InfoHash))
        {
            return;
        }

        Services.Log.PeerBanned(InfoHash, remote, piece);
        Services.Peers.Bans.Ban(
            remote,
            InfoHash,
            isShared: _peers.Exists(p => p.Source != source && p.HostKey == PeerClient.KeyOf(remote))
        );
        _candidates.Remove(remote);
        foreach (var peer in _peers)
        {
            if (peer.Source == source || Services.Peers.Bans.IsBanned(peer.Remote, InfoHash))
            {
                _closing.Add(peer);
            }
        }
    }

    private void SetInterest(Peer peer, bool interested)
    {
        if (peer.AmInterested == interested)
        {
            return;
        }

        peer.AmInterested = interested;
        peer.AmInterestedSince = Clock.Now;
        Span<byte> message = stackalloc byte[8];
        Post(peer, message[..(interested ? PeerMessageWriter.WriteInterested(message) : PeerMessageWriter.WriteNotInterested(message))]);
    }

    private void ShowInterest(Peer peer, long now)
    {
        peer.InterestShownAt = now;
        SetInterest(peer, true);
    }

    /// <summary>Interest that was shown early ends after a minute in which nothing was wanted of the peer; the scheduler's own it ends itself.</summary>
    private void LoseInterest(long now)
    {
        if (_info is null)
        {
            return; // its pieces are not known yet
        }

        foreach (var peer in _peers)
        {
            if (_scheduler!.IsInterested(peer.Slot))
            {
                peer.InterestShownAt = now;
            }
            else if (now - peer.InterestShownAt >= InterestLasts)
            {
                SetInterest(peer, false);
            }
        }
    }

    private void SetChoke(Peer peer, bool choke, long now)
    {
        if (peer.AmChoking == choke)
        {
            return;
        }

        peer.AmChoking = choke;
        peer.UnchokedAt = now;
        Span<byte> message = stackalloc byte[8];
        Post(peer, message[..(choke ? PeerMessageWriter.WriteChoke(message) : PeerMessageWriter.WriteUnchoke(message))]);
        if (choke)
        {
            foreach (var request in peer.Outbox.CancelAll())
            {
                Refuse(peer, request); // BEP 6: a choke is followed by rejects
            }
        }
    }

    private bool MayUploadTo(Peer peer)
    {
        return Services.Options.Seed || Torrent.IsShared || (_readers.Count > 0 && peer.Downloaded > 0);
    }

    private void TellHave(int piece)
    {
        Span<byte> message = stackalloc byte[16];
        var length = PeerMessageWriter.WriteHave(message, piece);
        foreach (var peer in _peers)
        {
            Post(peer, message[..length]);
        }
    }
}
