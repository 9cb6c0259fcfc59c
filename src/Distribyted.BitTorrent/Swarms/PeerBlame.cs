using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Bans who sent wrong bytes, and closes its connections. Guarded by the swarm's lock.</summary>
internal sealed class PeerBlame(SwarmState state, PeerTable peers, PeerCandidates candidates)
{
    /// <param name="source">Whose blocks they were; it may have left.</param>
    /// <param name="piece">Which piece was wrong.</param>
    public void Ban(long source, int piece)
    {
        state.Lock.AssertHeld();
        var bans = state.Services.Peers.Bans;
        if (peers.RemoteOf(source) is not { } remote || bans.IsBanned(remote, state.InfoHash))
        {
            return;
        }

        state.Log.PeerBanned(state.InfoHash, remote, piece);
        var isShared = peers.All.Exists(p => p.Source != source && p.HostKey == PeerClient.KeyOf(remote));
        bans.Ban(remote, state.InfoHash, isShared, peers.IsServer(source));
        candidates.Remove(remote);
        foreach (var peer in peers.All)
        {
            if (peer.Source == source || bans.IsBanned(peer.Remote, state.InfoHash))
            {
                state.Lock.CloseLater(peer);
            }
        }
    }
}
