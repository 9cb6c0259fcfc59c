using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The torrent's share of connections and dials: how urgent it is, who is let in, who makes room.</summary>
internal sealed partial class Swarm
{
    private const long RecentFor = 30 * Second;
    private const int IdlePeers = 8; // enough to begin with when the next reader comes
    private const int MaxWantedPieces = 64; // that are compared with what a peer has
    private const long NeverRead = long.MinValue / 2;

    private readonly List<int> _wantedPieces = [];
    private long _lastReadAt = NeverRead;
    private long _awaitedAt; // when readers, or the metadata, were last in sight

    /// <summary>What it has of the session's connections and dials.</summary>
    public SwarmShare Share { get; }

    private PeerWant Want =>
        _info is null ? PeerWant.Metadata
        : _readers.Count > 0 ? PeerWant.Pieces
        : PeerWant.Nothing;

    private bool IsWaiting => Share.Urgency is SwarmUrgency.Blocked or SwarmUrgency.Pending;

    /// <summary>How many connections it dials for. Without readers a few are enough; a shared folder is there for others.</summary>
    private int WantedConnections => IsUnread && !Torrent.IsShared ? Math.Min(IdlePeers, MaxPeers) : MaxPeers;

    private bool IsUnread => Share.Urgency == SwarmUrgency.Idle && Clock.Now - _awaitedAt >= RecentFor;

    /// <summary>Peers that are not being closed.</summary>
    private int Staying
    {
        get
        {
            var staying = 0;
            foreach (var peer in _peers)
            {
                staying += peer.IsLeaving || peer.IsClosed ? 0 : 1;
            }

            return staying;
        }
    }

    /// <summary>Called whenever a reader comes, goes, blocks or goes on, and once a second.</summary>
    private void SetUrgency(long now)
    {
        if (_info is null || _readers.Count > 0)
        {
            _awaitedAt = now;
        }

        if (_readers.Count > 0)
        {
            _lastReadAt = now;
        }

        Share.Urgency =
            _info is null ? SwarmUrgency.Pending
            : IsReaderStarved(0) ? SwarmUrgency.Blocked
            : _readers.Count > 0 ? SwarmUrgency.Reading
            : now - _lastReadAt < RecentFor ? SwarmUrgency.Recent
            : SwarmUrgency.Idle;
    }

    /// <summary>Takes a place for a new peer, closing one that is of no use if need be; false: there is none.</summary>
    private bool TryTakePlace(Peer peer, long now)
    {
        SetUrgency(now);
        if (IsClientCrowded(peer.Remote, now))
        {
            return false;
        }

        // While a reader waits a third is kept for those that we choose ourselves: any client can dial us, and many at once.
        var most = MaxPeers;
        var tooManyIncoming = !peer.IsOutgoing && IsWaiting && _peers.Count(static p => !p.IsOutgoing && !p.IsLeaving) >= most - (most / 3);
        if (!tooManyIncoming && Staying < most && Services.Connections.TryTake(Share))
        {
            return true;
        }

        if (!MakesRoom(now) || LeastUseful(now, onlyIncoming: tooManyIncoming) is not { Use: PeerUse.None } least)
        {
            return false;
        }

        Services.Connections.Replace(Share);
        LetGo(least.Peer, isUseless: true);
        return true;
    }

    /// <summary>Whether one more may be dialled: there is room, or a peer that can be closed for it.</summary>
    private bool HasRoomToDial(long now)
    {
        var most = WantedConnections;
        var staying = Staying + _openDials.Count;
        if (staying < most && Services.Connections.HasRoomFor(Share))
        {
            return true;
        }

        return MakesRoom(now) && Staying - CountUseless(now) + _openDials.Count < Math.Min(most, Staying);
    }

    /// <summary>For other torrents that need places more: closes as many connections as were taken from this one, the least useful first.</summary>
    private void GiveUpPlaces()
    {
        using var section = Enter();
        for (var due = Services.Connections.OwedBy(Share) - (_peers.Count - Staying); due > 0; due--)
        {
            if (LeastUseful(section.Now, onlyIncoming: false) is not { } least)
            {
                return;
            }

            LetGo(least.Peer, isUseless: false);
        }
    }

    /// <summary>Keeps a few of the peers of a torrent without readers, and those that it serves.</summary>
    private void Shrink(long now)
    {
        if (_info is null || Torrent.IsShared || !IsUnread)
        {
            return;
        }

        while (Staying > IdlePeers && LeastUseful(now, onlyIncoming: false) is { Use: PeerUse.None } least)
        {
            LetGo(least.Peer, isUseless: false);
        }
    }

    /// <summary>For the dial slots: one is free.</summary>
    private void SlotIsFree()
    {
        using (var section = Enter())
        {
            Dial(section.Now);
        }

        Services.Peers.Dials.ReturnUnused(Share);
    }

    /// <summary>Whether peers that give nothing are closed for others: a reader waits, and too few peers help.</summary>
    private bool MakesRoom(long now)
    {
        if (!IsWaiting)
        {
            return false;
        }

        if (_info is null || IsReaderStarved(2 * Second))
        {
            return true;
        }

        FindWantedPieces();
        return !_peers.Exists(p => FactsOf(p, now).UseFor(Want) == PeerUse.Gives);
    }

    /// <summary>Whether one client has as many connections as it may have. A reader that starves takes more of it: whole networks share one address.</summary>
    private bool IsClientCrowded(PeerEndPoint remote, long now)
    {
        var limit = Services.Options.MaxConnectionsPerIp;
        if (limit == 0 || System.Net.IPAddress.IsLoopback(remote.Address))
        {
            return false;
        }

        var client = PeerClient.Of(remote);
        var count = _peers.Count(p => !p.IsLeaving && p.Client == client);
        return count >= limit && (count >= MaxPeers / 4 || !MakesRoom(now));
    }

    private int CountUseless(long now)
    {
        FindWantedPieces();
        return _peers.Count(p => !p.IsLeaving && FactsOf(p, now).UseFor(Want) == PeerUse.None);
    }

    /// <summary>The peer that is missed least; of equal ones who gave least, and of those who came by itself and has been here longest.</summary>
    private (Peer Peer, PeerUse Use)? LeastUseful(long now, bool onlyIncoming)
    {
        FindWantedPieces();
        (Peer Peer, PeerUse Use)? least = null;
        var order = (PeerUse.Gives, long.MaxValue, true, long.MaxValue);
        foreach (var peer in _peers)
        {
            if (peer.IsLeaving || peer.IsClosed || (onlyIncoming && peer.IsOutgoing))
            {
                continue;
            }

            var use = FactsOf(peer, now).UseFor(Want);
            var its = (use, peer.Downloaded, peer.IsOutgoing, peer.ConnectedAt);
            if (least is null || its.CompareTo(order) < 0)
            {
                (least, order) = ((peer, use), its);
            }
        }

        return least;
    }

    private void LetGo(Peer peer, bool isUseless)
    {
        peer.IsLeaving = true;
        peer.IsUseless = isUseless;
        _closing.Add(peer);
    }

    private PeerFacts FactsOf(Peer peer, long now)
    {
        var takes = peer.IsInterested && MayUploadTo(peer); // it may wait for its turn to be unchoked
        if (_extensions.Metadata.IsFetching)
        {
            var hasNone = !peer.SpeaksExtensions || peer.Extensions?.IdOf(_extensions.Metadata.Name) == 0;
            return new PeerFacts(now - peer.ConnectedAt, hasNone, _extensions.Metadata.MayServe(peer), false, 0, takes);
        }

        var since = Math.Max(peer.ConnectedAt, peer.AmInterestedSince);
        return new PeerFacts(now - since, peer.HasSaidHave, HasWanted(peer), peer.IsChoking, peer.Downloaded, takes);
    }

    private bool HasWanted(Peer peer)
    {
        foreach (var piece in _wantedPieces)
        {
            if (peer.Have is { } have && have[piece])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What readers wait for and will read next, as far as it is not here.</summary>
    private void FindWantedPieces()
    {
        _wantedPieces.Clear();
        foreach (var (_, reader) in _readers)
        {
            if (reader.BlockedOn >= 0 && _wantedPieces.Count < MaxWantedPieces && !_pieces!.Has(reader.BlockedOn))
            {
                _wantedPieces.Add(reader.BlockedOn);
            }
        }

        foreach (var (_, reader) in _readers)
        {
            var state = reader.Window.State(LimitsOf(reader));
            var first = _info!.Layout.PieceAt(Math.Min(state.Position, _info.Layout.TotalLength - 1));
            var last = _info.Layout.PieceAt(Math.Min(Math.Max(state.WindowEnd, state.Position + 1), _info.Layout.TotalLength) - 1);
            for (var piece = first; piece <= last && _wantedPieces.Count < MaxWantedPieces; piece++)
            {
                if (!_pieces!.Has(piece))
                {
                    _wantedPieces.Add(piece);
                }
            }
        }
    }
}
