namespace Distribyted.BitTorrent.Peers;

/// <summary>Which peers may download from us: a round every ten seconds (BEP 3). Pure but for the time it is given.</summary>
/// <remarks>While we read, the peers that send most to us come first (tit-for-tat); while we only give, slots rotate: a peer that was unchoked for a
/// minute is choked when others wait. One slot is optimistic in both cases, so that new peers get a chance.</remarks>
internal sealed class Choker
{
    public const long RoundLength = 10 * MonotonicClock.Second;
    private const long OptimisticLength = 30 * MonotonicClock.Second;
    private const long SeedTurn = 60 * MonotonicClock.Second;

    private long _lastRound = long.MinValue / 2;
    private long _optimisticSince = long.MinValue / 2;
    private Peer? _optimistic;

    public bool IsDue(long now)
    {
        return now - _lastRound >= RoundLength;
    }

    /// <summary>A new peer need not wait for the round when a slot is free.</summary>
    public bool HasFreeSlot(IReadOnlyList<Peer> peers, int slots)
    {
        var taken = 0;
        foreach (var peer in peers)
        {
            taken += peer is { AmChoking: false, IsInterested: true } ? 1 : 0;
        }

        return taken <= slots; // one more than the slots: the optimistic one
    }

    /// <summary>Says for every peer whether it is unchoked from now on.</summary>
    public List<(Peer Peer, bool Unchoke)> Round(IReadOnlyList<Peer> peers, int slots, bool onlyGive, Func<Peer, bool> mayUpload, long now)
    {
        _lastRound = now;
        var ranked = peers.Where(p => p.IsInterested && mayUpload(p)).ToList();
        if (onlyGive)
        {
            // A peer keeps its slot until its turn is over; then come those that were choked longest.
            ranked.Sort((a, b) => Turn(a, now).CompareTo(Turn(b, now)));
        }
        else
        {
            ranked.Sort(static (a, b) => RateOf(b).CompareTo(RateOf(a)));
        }

        var chosen = new HashSet<Peer>(ranked.Take(slots));
        var rest = ranked.Where(p => !chosen.Contains(p)).ToList();
        if (_optimistic is null || now - _optimisticSince >= OptimisticLength || !rest.Contains(_optimistic))
        {
            _optimistic = rest.Count > 0 ? rest.MinBy(static p => (!p.AmChoking, p.UnchokedAt)) : null;
            _optimisticSince = now;
        }

        if (_optimistic is not null)
        {
            chosen.Add(_optimistic);
        }

        var verdicts = new List<(Peer, bool)>(peers.Count);
        foreach (var peer in peers)
        {
            verdicts.Add((peer, chosen.Contains(peer)));
            peer.AtLastRound = (peer.Downloaded, peer.Uploaded);
        }

        return verdicts;
    }

    private static long RateOf(Peer peer)
    {
        return peer.Downloaded - peer.AtLastRound.Downloaded;
    }

    private static (int Band, long Since) Turn(Peer peer, long now)
    {
        return peer.AmChoking ? (1, peer.UnchokedAt)
            : now - peer.UnchokedAt < SeedTurn ? (0, peer.UnchokedAt)
            : (2, -peer.UnchokedAt); // its turn is over: it waits behind all that are choked
    }
}
