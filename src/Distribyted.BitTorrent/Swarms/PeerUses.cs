using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What each connected peer is good for now (<see cref="PeerFacts"/>), and which is the least useful. Guarded by the swarm's lock.</summary>
internal sealed class PeerUses(
    SwarmState state,
    PeerTable peers,
    ReaderTable readers,
    SwarmDemand demand,
    Uploads uploads,
    MetadataExtension metadata
)
{
    private const int MaxWantedPieces = 64; // that are compared with what a peer has

    private readonly List<int> _wantedPieces = [];

    /// <summary>Whether any peer gives what is wanted.</summary>
    public bool AnyGives(long now)
    {
        FindWantedPieces();
        return peers.All.Exists(p => UseOf(p, now) == PeerUse.Gives);
    }

    /// <summary>Peers that stay and are of no use.</summary>
    public int CountUseless(long now)
    {
        FindWantedPieces();
        return peers.All.Count(p => !p.IsLeaving && UseOf(p, now) == PeerUse.None);
    }

    /// <summary>The least useful peer. Of equally useful ones that which has sent least comes first, then one that dialled us, then the one connected longest.</summary>
    public (Peer Peer, PeerUse Use)? LeastUseful(long now, bool onlyIncoming)
    {
        FindWantedPieces();
        (Peer Peer, PeerUse Use)? least = null;
        var order = (PeerUse.Gives, long.MaxValue, true, long.MaxValue);
        foreach (var peer in peers.All)
        {
            if (peer.IsLeaving || peer.IsClosed || (onlyIncoming && peer.IsOutgoing))
            {
                continue;
            }

            var use = UseOf(peer, now);
            var its = (use, peer.Downloaded, peer.IsOutgoing, peer.ConnectedAt);
            if (least is null || its.CompareTo(order) < 0)
            {
                (least, order) = ((peer, use), its);
            }
        }

        return least;
    }

    private PeerUse UseOf(Peer peer, long now)
    {
        return FactsOf(peer, now).UseFor(demand.Want);
    }

    private PeerFacts FactsOf(Peer peer, long now)
    {
        var takes = peer.IsInterested && uploads.MayUploadTo(peer); // it may wait for its turn to be unchoked
        if (metadata.IsFetching)
        {
            var hasNone = !peer.SpeaksExtensions || peer.Extensions?.IdOf(metadata.Name) == 0;
            return new PeerFacts(now - peer.ConnectedAt, hasNone, metadata.MayServe(peer), false, 0, takes);
        }

        var since = Math.Max(peer.ConnectedAt, peer.AmInterestedSince);
        return new PeerFacts(now - since, peer.HasSentHave, HasWanted(peer), peer.IsChoking, peer.Downloaded, takes);
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
        state.Lock.AssertHeld();
        _wantedPieces.Clear();
        foreach (var reader in readers.All)
        {
            if (reader.BlockedOn >= 0)
            {
                AddWanted(reader.BlockedOn);
            }
        }

        foreach (var reader in readers.All)
        {
            var (first, last) = state.Content!.PiecesOf(reader.Window.State(readers.LimitsOf(reader)));
            for (var piece = first; piece <= last && _wantedPieces.Count < MaxWantedPieces; piece++)
            {
                AddWanted(piece);
            }
        }
    }

    private void AddWanted(int piece)
    {
        if (_wantedPieces.Count < MaxWantedPieces && !state.Content!.Pieces.Has(piece))
        {
            _wantedPieces.Add(piece);
        }
    }
}
