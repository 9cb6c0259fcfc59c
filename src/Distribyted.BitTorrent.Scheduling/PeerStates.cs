namespace Distribyted.BitTorrent.Scheduling;

/// <summary>The peers of the swarm, by the index of their slot.</summary>
internal sealed class PeerStates(int pieceCount)
{
    private const long UselessAfter = 60_000_000;

    private PeerState[] _peers = [];

    /// <summary>One for each index that was ever used; those that are not alive wait for the next peer.</summary>
    public ReadOnlySpan<PeerState> All => _peers;

    public PeerState this[int index] => _peers[index];

    /// <summary>The peer in this slot; null: it is gone, whoever has its index now.</summary>
    public PeerState? Find(PeerSlot slot)
    {
        return (uint)slot.Index < (uint)_peers.Length && _peers[slot.Index] is { Alive: true } peer && peer.Slot == slot ? peer : null;
    }

    /// <summary>The state at an index that may be larger than any before.</summary>
    public PeerState Reserve(int index)
    {
        if (index >= _peers.Length)
        {
            var before = _peers.Length;
            Array.Resize(ref _peers, Math.Max(index + 1, before * 2));
            for (var i = before; i < _peers.Length; i++)
            {
                _peers[i] = new PeerState(pieceCount);
            }
        }

        return _peers[index];
    }

    /// <summary>The peer that sent nothing for a minute, the longest of all; null: all are useful.</summary>
    public PeerState? LeastUseful(long now)
    {
        PeerState? worst = null;
        foreach (var peer in _peers)
        {
            // One that would send if it were asked is spare, not useless.
            var useless =
                peer.Alive && !peer.Dropped && (peer.Choked || peer.Stalled || !peer.IsProven) && now - peer.LastPayload >= UselessAfter;
            if (useless && (worst is null || peer.LastPayload < worst.LastPayload))
            {
                worst = peer;
            }
        }

        return worst;
    }

    /// <summary>Whether a peer other than this one sends.</summary>
    public bool IsAnotherServing(PeerState silent)
    {
        foreach (var peer in _peers)
        {
            if (peer != silent && peer is { Alive: true, Dropped: false, Choked: false, Stalled: false })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes per second of all peers that do not choke us.</summary>
    public double Supply()
    {
        var supply = 0d;
        foreach (var peer in _peers)
        {
            supply += peer.Alive && !peer.Choked ? peer.Rate : 0;
        }

        return supply;
    }
}
