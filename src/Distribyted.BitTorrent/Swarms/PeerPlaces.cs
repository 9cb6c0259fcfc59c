using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The torrent's share of the session's connections: who is let in, and who is closed for another peer. Guarded by the swarm's lock.</summary>
internal sealed class PeerPlaces(SwarmState state, SwarmShare share, PeerTable peers, SwarmDemand demand, PeerUses uses)
{
    private ConnectionTable Connections => state.Services.Connections;

    /// <summary>Takes a place for a new peer, closing one that is of no use if need be; false: there is none.</summary>
    public bool TryTake(Peer peer, long now)
    {
        demand.Update(now);
        if (IsClientCrowded(peer.Remote, now))
        {
            return false;
        }

        // While a reader waits a third is kept for those that we choose ourselves: any client can dial us, and many at once.
        var most = demand.MaxPeers(now);
        var tooManyIncoming =
            !peer.IsOutgoing && demand.IsWaiting && peers.All.Count(static p => !p.IsOutgoing && !p.IsLeaving) >= most - (most / 3);
        if (!tooManyIncoming && peers.Staying < most && Connections.TryTake(share))
        {
            return true;
        }

        if (!MayCloseUseless(now) || uses.LeastUseful(now, onlyIncoming: tooManyIncoming) is not { Use: PeerUse.None } least)
        {
            return false;
        }

        Replace(least.Peer, isUseless: true);
        return true;
    }

    /// <summary>A new connection takes the place of another one, which is closed.</summary>
    public void Replace(Peer peer, bool isUseless)
    {
        Connections.Replace(share);
        LetGo(peer, isUseless);
    }

    /// <summary>Whether one more may be dialled, while so many are: there is a free place, or a peer that can be closed for it.</summary>
    public bool MayDialMore(int openDials, long now)
    {
        var most = demand.WantedConnections(now);
        var staying = peers.Staying;
        if (staying + openDials < most && Connections.HasPlaceFor(share))
        {
            return true;
        }

        return MayCloseUseless(now) && staying - uses.CountUseless(now) + openDials < Math.Min(most, staying);
    }

    /// <summary>For other torrents that need places more: closes as many connections as were taken from this one, the least useful first.</summary>
    public void GiveUp(long now)
    {
        for (var due = Connections.SurplusOf(share) - (peers.Count - peers.Staying); due > 0; due--)
        {
            if (uses.LeastUseful(now, onlyIncoming: false) is not { } least)
            {
                return;
            }

            LetGo(least.Peer, isUseless: false);
        }
    }

    /// <summary>Keeps a few of the peers of a torrent without readers, and those that it serves.</summary>
    public void Shrink(long now)
    {
        if (state.Content is null || state.Torrent.IsShared || !demand.IsUnread(now))
        {
            return;
        }

        while (peers.Staying > SwarmDemand.IdlePeers && uses.LeastUseful(now, onlyIncoming: false) is { Use: PeerUse.None } least)
        {
            LetGo(least.Peer, isUseless: false);
        }
    }

    /// <summary>Whether one client has as many connections as it may have. A reader that starves takes more of it: whole networks share one address.</summary>
    public bool IsClientCrowded(PeerEndPoint remote, long now)
    {
        var limit = state.Services.Options.MaxConnectionsPerIp;
        if (limit == 0 || IPAddress.IsLoopback(remote.Address))
        {
            return false;
        }

        var count = peers.CountOf(PeerClient.Of(remote));
        return count >= limit && (count >= demand.MaxPeers(now) / 4 || !MayCloseUseless(now));
    }

    /// <summary>Whether peers that give nothing are closed for others: a reader waits, and too few peers help.</summary>
    private bool MayCloseUseless(long now)
    {
        return demand.IsWaiting && (state.Content is null || demand.IsStarving(now) || !uses.AnyGives(now));
    }

    private void LetGo(Peer peer, bool isUseless)
    {
        peer.IsLeaving = true;
        peer.IsUseless = isUseless;
        state.Lock.CloseLater(peer);
    }
}
