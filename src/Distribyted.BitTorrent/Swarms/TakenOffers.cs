using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>When a reader waits for what no peer has, what peers offer instead is taken, so that they offer more (<see cref="PieceOffers"/>). Guarded by the swarm's lock.</summary>
internal sealed class TakenOffers(SwarmState state, PeerTable peers, ReaderTable readers, PeerSupply supply)
{
    private const long After = 2 * MonotonicClock.Second;
    private const long Lasts = 5 * MonotonicClock.Second; // told again every second

    private readonly Dictionary<int, ReaderId> _offers = []; // by piece

    /// <summary>A peer announced one more piece: maybe the next one of a row.</summary>
    public void PieceAnnounced(long now)
    {
        if (_offers.Count > 0)
        {
            Update(now);
        }
    }

    /// <summary>Once a second.</summary>
    public void Update(long now)
    {
        state.Lock.AssertHeld();
        if (state.Content is not { } content || (_offers.Count == 0 && !readers.IsStarved(After, now)))
        {
            return;
        }

        var chosen = supply.IsPieceNowhere() ? PieceOffers.Choose(peers.All, content.Pieces.Has) : [];
        foreach (var (piece, offer) in _offers)
        {
            if (!chosen.Contains(piece))
            {
                _offers.Remove(piece);
                state.Lock.NeedsRun |= content.Scheduler.ReaderGone(offer, now);
            }
        }

        foreach (var piece in chosen)
        {
            if (!_offers.TryGetValue(piece, out var offer))
            {
                _offers[piece] = offer = new ReaderId(-state.NextReaderId());
            }

            var start = content.Layout.StartOf(piece);
            var whole = new ReaderState(start, start + content.Layout.LengthOf(piece), 0, -1);
            state.Lock.NeedsRun |= content.Scheduler.ReaderLingers(offer, whole, now + Lasts);
        }
    }
}
