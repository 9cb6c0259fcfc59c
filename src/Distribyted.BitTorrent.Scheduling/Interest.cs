namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Which peers are told that we are interested (BEP 3): those that have something wanted, and for a minute after they no longer do.</summary>
internal sealed class Interest(PeerStates peers, Demand demand)
{
    private const long Lingers = 60_000_000; // sudden "not interested" is punished by some clients (anacrolix requesting.go:349)

    private bool _isChanged;

    /// <summary>Peers have more, or more is wanted: <see cref="Show"/> looks at all peers.</summary>
    public void Change()
    {
        _isChanged = true;
    }

    /// <summary>A peer has one more piece.</summary>
    public void Has(PeerState peer, int piece)
    {
        _isChanged |= !peer.Interested && demand.IsWanted(piece);
    }

    /// <summary>INTERESTED to those that have something wanted and were not told yet, if anything has changed.</summary>
    public void Show(CommandBuffer output, long now)
    {
        if (!_isChanged)
        {
            return;
        }

        _isChanged = false;
        foreach (var peer in peers.All)
        {
            if (!peer.Alive || !demand.WantsAnyOf(peer.Has))
            {
                continue;
            }

            peer.InterestUntil = now + Lingers;
            if (!peer.Interested)
            {
                peer.Interested = true;
                output.Add(new Command(CommandKind.Interested, peer.Slot, -1, 0, 0));
            }
        }
    }

    /// <summary>NOT INTERESTED to a peer whose time is over, if it still has nothing that is wanted.</summary>
    /// <returns>When its time is over; <see cref="long.MaxValue"/>: we are not interested in it.</returns>
    public long Lapse(PeerState peer, CommandBuffer output, long now)
    {
        if (peer.Interested && now >= peer.InterestUntil)
        {
            Renew(peer, output, now);
        }

        return peer.Interested ? peer.InterestUntil : long.MaxValue;
    }

    private void Renew(PeerState peer, CommandBuffer output, long now)
    {
        if (demand.WantsAnyOf(peer.Has))
        {
            peer.InterestUntil = now + Lingers;
        }
        else
        {
            peer.Interested = false;
            output.Add(new Command(CommandKind.NotInterested, peer.Slot, -1, 0, 0));
        }
    }
}
