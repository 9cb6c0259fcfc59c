using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Whether the connected peers can give what is waited for, and what is done when they cannot.</summary>
internal sealed partial class Swarm
{
    private const long SilentFor = 5 * Second;
    private const long UnchokesWithin = 3 * Second;
    private const int FewPeers = 4;
    private const int MaxOffers = 8;

    /// <summary>For the dialler: the end point of a silent connection accepts a new one. The old one is dead, and while the other side believes
    /// in it, it refuses a second connection of the same peer: it is reset.</summary>
    public void IsReached(PeerEndPoint peer)
    {
        using var section = Enter();
        foreach (var old in _peers)
        {
            if (old.Listens == peer && IsSilent(old, section.Now))
            {
                Reset(old);
            }
        }
    }

    /// <summary>Dials some peers although the torrent does not look for any: they may want what is here.</summary>
    public void OfferTo(IReadOnlyList<PeerEndPoint> peers)
    {
        using var section = Enter();
        var offers = 0;
        foreach (var peer in peers)
        {
            if (
                !_isDisposed
                && offers < MaxOffers
                && !_openDials.Contains(peer)
                && !_peers.Exists(p => p.Listens == peer)
                && Services.Guard.MayDialPeer(peer, PeerOrigin.Tracker)
                && !Services.Peers.Bans.IsBanned(peer, InfoHash)
                && Services.Peers.Network.MayDial(peer.IsIPv6, section.Now)
                && TryBeginDial(peer, section.Now)
            )
            {
                offers++;
            }
        }
    }

    /// <summary>This machine is back: it slept, the process was stopped, or it has other addresses. Dead connections are found within seconds, and
    /// whom we could not reach is dialled again.</summary>
    public void WorldReturned()
    {
        using var section = Enter();
        _candidates.ForgiveAll(section.Now);
        Span<byte> message = stackalloc byte[8];
        foreach (var peer in _peers)
        {
            peer.Connection.Probe(section.Now);
            Post(peer, message[..Protocol.Wire.PeerMessageWriter.WriteKeepAlive(message)]);
        }

        Dial(section.Now);
    }

    /// <summary>Whether known peers are to be dialled sooner than usual: a reader waits, and no connected peer seems to help.</summary>
    private bool IsShortOfPeers(long now)
    {
        return _info is null ? _peers.Count < FewPeers : LacksOwner(_peers.Count == 0 ? 0 : Second, now);
    }

    /// <summary>Whether a reader has waited for so long for a piece that no connected peer is able or willing to send.</summary>
    private bool LacksOwner(long patience, long now)
    {
        foreach (var (_, reader) in _readers)
        {
            if (reader.BlockedOn >= 0 && now - reader.Window.BlockedSince >= patience && !HasOwner(reader.BlockedOn, now))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasOwner(int piece, long now)
    {
        foreach (var peer in _peers)
        {
            if (
                peer.Have is { } have
                && have[piece]
                && (!peer.IsChoking || now - peer.ConnectedAt < UnchokesWithin)
                && !IsSilent(peer, now)
                && !peer.IsClosed
            )
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Was asked for blocks and has sent no byte for five seconds.</summary>
    private bool IsSilent(Peer peer, long now)
    {
        return _scheduler is not null && _scheduler.SilenceOf(peer.Slot, now) >= SilentFor && now - peer.LastReceivedAt >= SilentFor;
    }

    /// <summary>Dials peers a second time whose connections are silent: the line may have been away for longer than TCP repeats quickly.</summary>
    private void DialSilentAgain(long now)
    {
        foreach (var peer in _peers)
        {
            if (
                peer.Listens is { } listens
                && IsSilent(peer, now)
                && now - peer.DialledAgainAt >= PeerCandidate.LongestPause
                && !_openDials.Contains(listens)
                && Services.Peers.Network.MayDial(listens.IsIPv6, now)
                && TryBeginDial(listens, now)
            )
            {
                peer.DialledAgainAt = now;
            }
        }
    }

    private void Reset(Peer peer)
    {
        peer.Connection.AbortOnDispose();
        _closing.Add(peer);
    }

    /// <summary>A peer that dialled us says where it listens; it may say so more than once.</summary>
    private void ListensOn(Peer peer, PeerEndPoint where, long now)
    {
        if (peer.Listens == where)
        {
            return;
        }

        var before = peer.Listens;
        peer.Listens = where;
        if (before is { } other)
        {
            FreeCandidate(other, worked: false, now);
        }

        if (Services.Guard.MayDialPeer(where, PeerOrigin.Incoming))
        {
            _candidates.Connected(where, PeerOrigin.Incoming, now);
        }
    }

    /// <summary>A connection to this end point, or the dial, is over. Another one may be open to it.</summary>
    private void FreeCandidate(PeerEndPoint peer, bool worked, long now)
    {
        var isInUse = IsInUse(peer);
        if (!isInUse || worked)
        {
            _candidates.Release(peer, worked, now);
        }

        if (isInUse)
        {
            _candidates.MarkBusy(peer);
        }
    }

    /// <summary>The same when the end says nothing about the peer: there was no room for it.</summary>
    private void PutBackCandidate(PeerEndPoint peer, long now)
    {
        if (!IsInUse(peer))
        {
            _candidates.NoRoom(peer, now);
        }
    }

    private bool IsInUse(PeerEndPoint peer)
    {
        return _openDials.Contains(peer) || _peers.Exists(p => p.Listens == peer && !p.IsClosed);
    }
}
