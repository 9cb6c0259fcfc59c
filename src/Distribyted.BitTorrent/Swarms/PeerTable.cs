using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Who is connected. Guarded by the swarm's lock.</summary>
internal sealed class PeerTable(SwarmLock swarmLock)
{
    private const int MaxRememberedSources = 4096;

    private readonly List<Peer> _peers = [];
    private readonly List<Peer?> _slots = [];
    private readonly List<int> _generations = []; // of each slot: commands for a peer that has left must not reach the next one in its slot
    private readonly Stack<int> _freeSlots = new();
    private readonly Dictionary<long, (PeerEndPoint Remote, bool IsServer)> _sources = []; // also of peers that have left: their blocks may turn out wrong

    /// <summary>In the order in which they came. Only to be read.</summary>
    public List<Peer> All
    {
        get
        {
            swarmLock.AssertHeld();
            return _peers;
        }
    }

    public int Count => All.Count;

    /// <summary>Peers that are not being closed.</summary>
    public int Staying
    {
        get
        {
            var staying = 0;
            foreach (var peer in All)
            {
                staying += peer.IsLeaving || peer.IsClosed ? 0 : 1;
            }

            return staying;
        }
    }

    /// <summary>Peers that have everything.</summary>
    public int Seeds
    {
        get
        {
            var seeds = 0;
            foreach (var peer in All)
            {
                seeds += peer.IsSeed ? 1 : 0;
            }

            return seeds;
        }
    }

    /// <summary>Gives the peer a slot.</summary>
    public void Add(Peer peer)
    {
        swarmLock.AssertHeld();
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

        _sources[peer.Source] = (peer.Remote, peer.IsServer);
    }

    /// <summary>The peer has left; false: it is not here.</summary>
    public bool Remove(Peer peer)
    {
        if (At(peer.Slot) != peer)
        {
            return false;
        }

        _slots[peer.Slot.Index] = null;
        _freeSlots.Push(peer.Slot.Index);
        _peers.Remove(peer);
        return true;
    }

    /// <summary>The peer in this slot; null: it has left.</summary>
    public Peer? At(PeerSlot slot)
    {
        swarmLock.AssertHeld();
        return slot.Index < _slots.Count && _generations[slot.Index] == slot.Generation ? _slots[slot.Index] : null;
    }

    /// <summary>Whose blocks these were, also after the peer has left; null: that is not known any more.</summary>
    public PeerEndPoint? RemoteOf(long source)
    {
        swarmLock.AssertHeld();
        return _sources.TryGetValue(source, out var known) ? known.Remote : null;
    }

    /// <summary>Whether they were a web seed's.</summary>
    public bool IsServer(long source)
    {
        return _sources.TryGetValue(source, out var known) && known.IsServer;
    }

    /// <summary>The peer of this id that stays; null: there is none.</summary>
    public Peer? Find(PeerId id)
    {
        return All.Find(p => p.Id == id && !p.IsClosed && !p.IsLeaving);
    }

    /// <summary>Whether a peer that listens there is connected.</summary>
    public bool IsConnected(PeerEndPoint listens)
    {
        return All.Exists(p => p.Listens == listens);
    }

    /// <summary>How many connections of one client stay.</summary>
    public int CountOf(PeerEndPoint client)
    {
        return All.Count(p => !p.IsLeaving && p.Client == client);
    }

    /// <summary>Whether any peer says that it has this piece.</summary>
    public bool HasPiece(int piece)
    {
        return All.Exists(p => p.Have?[piece] == true);
    }
}
