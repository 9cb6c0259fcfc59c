using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Whom the swarm knows and dials. Guarded by the swarm's lock.</summary>
/// <param name="owner">The swarm, for new connections.</param>
/// <param name="state">Of the swarm.</param>
/// <param name="peers">Who is connected.</param>
/// <param name="candidates">Who is known.</param>
/// <param name="supply">Whether the connected peers are enough.</param>
/// <param name="places">Whether there is a place for one more.</param>
/// <param name="ending">Cancelled when the swarm is closed: dials under way end.</param>
internal sealed class PeerDials(
    IPeerOwner owner,
    SwarmState state,
    PeerTable peers,
    PeerCandidates candidates,
    PeerSupply supply,
    PeerPlaces places,
    CancellationToken ending
)
{
    private const int MaxOffers = 8;

    private readonly OpenDials _open = new();

    private PeerServices Services => state.Services.Peers;

    /// <summary>Peers were named.</summary>
    /// <param name="named">Who.</param>
    /// <param name="origin">By what.</param>
    /// <param name="namedBy">The peer that named them; null: it was no peer.</param>
    /// <param name="now">The time.</param>
    public void Add(IReadOnlyList<PeerEndPoint> named, PeerOrigin origin, IPAddress? namedBy, long now)
    {
        state.Lock.AssertHeld();
        foreach (var peer in named)
        {
            if (state.Services.Guard.MayDialPeer(peer, origin, namedBy) && !Services.Bans.IsBanned(peer, state.InfoHash))
            {
                candidates.Add(peer, origin, now);
            }
        }

        Dial(now);
    }

    /// <summary>Dials some peers although the torrent does not look for any: they may want what is here.</summary>
    public void Offer(IReadOnlyList<PeerEndPoint> named, long now)
    {
        state.Lock.AssertHeld();
        var offers = 0;
        foreach (var peer in named)
        {
            if (
                !state.HasEnded
                && offers < MaxOffers
                && !_open.Contains(peer)
                && !peers.IsConnected(peer)
                && state.Services.Guard.MayDialPeer(peer, PeerOrigin.Tracker)
                && !Services.Bans.IsBanned(peer, state.InfoHash)
                && Services.Network.MayDial(peer.IsIPv6, now)
                && TryBegin(peer, now)
            )
            {
                offers++;
            }
        }
    }

    /// <summary>Whether a dial of this peer is under way.</summary>
    public bool IsUnderWay(PeerEndPoint peer)
    {
        state.Lock.AssertHeld();
        return _open.Contains(peer);
    }

    /// <summary>Dials a peer over µTP that dials us at the same moment (BEP 55).</summary>
    public void Punch(PeerEndPoint peer, IPAddress namedBy, long now)
    {
        state.Lock.AssertHeld();
        if (
            !state.HasEnded
            && MayBegin(now)
            && !_open.Contains(peer)
            && !peers.IsConnected(peer)
            && state.Services.Guard.MayDialPeer(peer, PeerOrigin.PeerExchange, namedBy)
            && !Services.Bans.IsBanned(peer, state.InfoHash)
            && Services.Network.MayDial(peer.IsIPv6, now)
        )
        {
            TryBegin(peer, now, state.Services.PunchDialer);
        }
    }

    /// <summary>Dials whom it may and should.</summary>
    public void Dial(long now)
    {
        state.Lock.AssertHeld();
        if (state.HasEnded || !state.IsLooking || !MayBegin(now))
        {
            return;
        }

        var need = supply.Need(now);
        while (MayBegin(now) && candidates.TryTake(now, need, Services.Network, out var peer))
        {
            if (Services.Bans.IsBanned(peer, state.InfoHash))
            {
                candidates.Remove(peer);
            }
            else if (places.IsClientCrowded(peer, now))
            {
                candidates.NoPlace(peer, now);
            }
            else if (!TryBegin(peer, now))
            {
                candidates.NotTried(peer, now); // a slot that becomes free comes back to us
                break;
            }
        }
    }

    /// <summary>Dials peers a second time whose connections are silent: after an outage TCP waits ever longer before it retransmits.</summary>
    public void DialSilentAgain(long now)
    {
        foreach (var peer in peers.All)
        {
            if (
                peer.Listens is { } listens
                && supply.IsSilent(peer, now)
                && now - peer.DialledAgainAt >= PeerCandidate.LongestPause
                && !_open.Contains(listens)
                && Services.Network.MayDial(listens.IsIPv6, now)
                && TryBegin(listens, now)
            )
            {
                peer.DialledAgainAt = now;
            }
        }
    }

    /// <summary>The end point of a silent connection accepts a new one, so the old one is dead. It is reset: as long as the other side keeps it, it refuses
    /// a second connection of the same peer.</summary>
    public void IsReached(PeerEndPoint peer, long now)
    {
        foreach (var old in peers.All)
        {
            if (old.Listens == peer && supply.IsSilent(old, now))
            {
                state.Lock.ResetLater(old);
            }
        }
    }

    /// <summary>This dial is over.</summary>
    public void Ended(PeerEndPoint peer, DialOutcome outcome, long now)
    {
        state.Lock.AssertHeld();
        _open.End(peer);
        if (outcome == DialOutcome.Failed)
        {
            Free(peer, worked: false, now);
        }
        else if (outcome == DialOutcome.NotTried && !peers.IsConnected(peer))
        {
            candidates.NotTried(peer, now);
        }
        else if (outcome == DialOutcome.NoPlace)
        {
            PutBack(peer, now);
        }

        Dial(now);
    }

    /// <summary>A peer that dialled us says where it listens; it may say so more than once.</summary>
    public void ListensOn(Peer peer, PeerEndPoint where, long now)
    {
        state.Lock.AssertHeld();
        if (peer.Listens == where)
        {
            return;
        }

        var before = peer.Listens;
        peer.Listens = where;
        if (before is { } other)
        {
            Free(other, worked: false, now);
        }

        if (state.Services.Guard.MayDialPeer(where, PeerOrigin.Incoming))
        {
            candidates.Connected(where, PeerOrigin.Incoming, now);
        }
    }

    /// <summary>A peer has left. Whether it is dialled again, and when, depends on what it was good for.</summary>
    public void Left(Peer peer, long now)
    {
        state.Lock.AssertHeld();
        if (peer.Listens is not { } listens)
        {
            return;
        }

        var worked = peer.Downloaded > 0 || now - peer.ConnectedAt > 30 * MonotonicClock.Second || (peer.IsSeed && state.IsWhole);
        if (peer.IsLeaving && !peer.IsUseless && !worked)
        {
            PutBack(listens, now);
        }
        else
        {
            Free(listens, worked && !peer.IsUseless, now);
        }
    }

    private bool MayBegin(long now)
    {
        return _open.MayBegin(now) && places.MayDialMore(_open.Count, now);
    }

    private bool TryBegin(PeerEndPoint peer, long now, PeerDialer? dialer = null)
    {
        if (!Services.Dials.TryTake(owner.Share, out var slot))
        {
            return false;
        }

        _open.Begin(peer, now);
        (dialer ?? state.Services.Dialer).Dial(owner, peer, slot, ending);
        return true;
    }

    /// <summary>A connection to this end point, or the dial, is over. Another one may be open to it.</summary>
    private void Free(PeerEndPoint peer, bool worked, long now)
    {
        var isInUse = IsInUse(peer);
        if (!isInUse || worked)
        {
            candidates.Release(peer, worked, now);
        }

        if (isInUse)
        {
            candidates.MarkBusy(peer);
        }
    }

    /// <summary>The same when the end says nothing about the peer: there was no place for it.</summary>
    private void PutBack(PeerEndPoint peer, long now)
    {
        if (!IsInUse(peer))
        {
            candidates.NoPlace(peer, now);
        }
    }

    private bool IsInUse(PeerEndPoint peer)
    {
        return _open.Contains(peer) || peers.All.Exists(p => p.Listens == peer && !p.IsClosed);
    }
}
