namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Looks at the peers at every run: who stalls, who is silent for so long or so useless that it is dropped, whose cancelled requests have timed out.</summary>
internal sealed class PeerWatch(PeerStates peers, Demand demand, RequestBook requests, Probation probation, Interest interest)
{
    private const long SilenceToDrop = 20_000_000;
    private const long SilenceLooks = 1_000_000;
    private const long UselessEvery = 10_000_000;
    private const long BlockedForLong = 2_000_000;

    private long _uselessAt;

    /// <summary>Checks every peer.</summary>
    /// <returns>When to look again; <see cref="long.MaxValue"/>: not before something happens.</returns>
    public long Look(CommandBuffer output, long now)
    {
        var wake = long.MaxValue;
        foreach (var peer in peers.All)
        {
            if (!peer.Alive)
            {
                continue;
            }

            wake = Math.Min(wake, interest.Lapse(peer, output, now));
            if (peer.CancelledInFlight > 0)
            {
                wake = Math.Min(wake, requests.ExpireCancelled(peer, now));
            }

            if (peer.CheckStalled(now, out var next))
            {
                next =
                    peer.Requests.Count > 0 ? Stalled(peer, output, now)
                    : demand.Readers.Length > 0 ? next
                    : long.MaxValue;
            }

            wake = Math.Min(wake, next);
        }

        return Math.Min(wake, DropUseless(output, now));
    }

    /// <summary>A peer was asked for blocks and is silent.</summary>
    /// <returns>When to look at it again.</returns>
    private long Stalled(PeerState peer, CommandBuffer output, long now)
    {
        probation.Stalled(peer);
        var quiet = peer.Quiet(now);
        if (quiet >= SilenceToDrop && peers.IsAnotherServing(peer))
        {
            // The last connection is kept although it is silent: while the other side believes in it, it refuses a new one.
            Drop(peer, output);
        }

        return peer.Dropped ? long.MaxValue : Math.Max(now - quiet + SilenceToDrop, now + SilenceLooks);
    }

    /// <summary>When a read has waited for long, useless peers are disconnected to free their slots: one every ten seconds.</summary>
    private long DropUseless(CommandBuffer output, long now)
    {
        if (now < _uselessAt || !demand.IsBlockedFor(BlockedForLong, now))
        {
            return long.MaxValue;
        }

        _uselessAt = now + UselessEvery;
        if (peers.LeastUseful(now) is { } peer)
        {
            Drop(peer, output);
        }

        return _uselessAt;
    }

    private static void Drop(PeerState peer, CommandBuffer output)
    {
        if (!peer.Dropped)
        {
            peer.Dropped = true;
            output.Add(new Command(CommandKind.DropPeer, peer.Slot, -1, 0, 0));
        }
    }
}
