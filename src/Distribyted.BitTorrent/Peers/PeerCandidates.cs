using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Peers that a swarm knows by address: which is dialled next, and which is dropped when there are too many. Guarded by the swarm's lock; bounded.</summary>
/// <remarks>When each may be dialled again is said by <see cref="PeerCandidate"/>.</remarks>
internal sealed class PeerCandidates
{
    internal const int Capacity = 2000;
    internal const int RetriesPerSecond = 16; // of peers that failed: a long list of unreachable peers must not cause a flood of dials
    private const int LongRun = 4;
    private const long LongRunLasts = 5 * MonotonicClock.Second;

    private readonly Dictionary<PeerEndPoint, PeerCandidate> _known = [];
    private int _failuresInARow;
    private long _failingSince;
    private long _retrySecond;
    private int _retries;

    public int Count => _known.Count;

    /// <summary>Those whose last dial failed.</summary>
    public int Failed => _known.Values.Count(static candidate => candidate.Failures > 0);

    /// <summary>Remembers a peer, or that it was named again.</summary>
    public void Add(PeerEndPoint peer, PeerOrigin origin, long now)
    {
        if (_known.TryGetValue(peer, out var candidate))
        {
            candidate.Named(origin, now);
        }
        else if (_known.Count < Capacity || ForgetLeastPromising())
        {
            _known[peer] = new PeerCandidate(origin, now);
        }
    }

    /// <summary>How a peer became known.</summary>
    public PeerOrigin OriginOf(PeerEndPoint peer)
    {
        return _known.TryGetValue(peer, out var candidate) ? candidate.Origin : PeerOrigin.Incoming;
    }

    /// <summary>The next peer to dial; false: none, or not yet. First those that worked, then those that failed least often, then those that wait longest.</summary>
    /// <param name="now">The time.</param>
    /// <param name="need">Whether those that failed, or hung up, are dialled again sooner than usual.</param>
    /// <param name="network">Whether this machine can dial at all.</param>
    /// <param name="peer">Whom.</param>
    public bool TryTake(long now, DialNeed need, OwnNetwork network, out PeerEndPoint peer)
    {
        if (now - _retrySecond >= MonotonicClock.Second)
        {
            (_retrySecond, _retries) = (now, 0);
        }

        peer = default;
        PeerCandidate? best = null;
        var order = (true, int.MaxValue, long.MaxValue);
        foreach (var (known, candidate) in _known)
        {
            if (candidate.IsBusy || (candidate.Failures > 0 && _retries >= RetriesPerSecond))
            {
                continue;
            }

            var due = candidate.DueAt(need);
            var its = (!candidate.Worked, candidate.Failures, due);
            if (due <= now && its.CompareTo(order) < 0 && network.MayDial(known.IsIPv6, now))
            {
                (best, order, peer) = (candidate, its, known);
            }
        }

        if (best is null)
        {
            return false;
        }

        _retries += best.Failures > 0 ? 1 : 0;
        best.Dialled(now);
        return true;
    }

    /// <summary>A dial failed, or a connection ended.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="worked">Whether it had been of use.</param>
    /// <param name="now">The time.</param>
    public void Release(PeerEndPoint peer, bool worked, long now)
    {
        if (!worked && _failuresInARow++ == 0)
        {
            _failingSince = now;
        }

        if (!_known.TryGetValue(peer, out var candidate))
        {
            return;
        }

        if (worked)
        {
            candidate.Succeeded();
            return;
        }

        candidate.Failed(now);
        if (candidate.IsHopeless(now))
        {
            _known.Remove(peer);
        }
    }

    /// <summary>A dial that never left this machine.</summary>
    public void NotTried(PeerEndPoint peer, long now)
    {
        if (_known.TryGetValue(peer, out var candidate))
        {
            candidate.NotTried(now);
        }
    }

    /// <summary>There was no place for it here.</summary>
    public void NoPlace(PeerEndPoint peer, long now)
    {
        _known.GetValueOrDefault(peer)?.NoPlace(now);
    }

    /// <summary>A peer is connected. After a long run of failures this says that our own line was down: all that failed meanwhile are forgiven.</summary>
    /// <param name="peer">Where it listens; remembered when it is new.</param>
    /// <param name="origin">How it became known, if it is new.</param>
    /// <param name="now">The time.</param>
    public void Connected(PeerEndPoint peer, PeerOrigin origin, long now)
    {
        Add(peer, origin, now);
        if (_known.TryGetValue(peer, out var candidate) && !candidate.IsBusy)
        {
            candidate.Dialled(now);
        }

        if (_failuresInARow >= LongRun && now - _failingSince >= LongRunLasts)
        {
            Forgive(_failingSince, now);
        }

        _failuresInARow = 0;
    }

    /// <summary>Our own network works again: it is taken for the reason of all failures until now.</summary>
    public void ForgiveAll(long now)
    {
        _failuresInARow = 0;
        Forgive(long.MinValue / 2, now);
    }

    /// <summary>There is another connection or dial to this end point.</summary>
    public void MarkBusy(PeerEndPoint peer)
    {
        _known.GetValueOrDefault(peer)?.MarkBusy();
    }

    public void Remove(PeerEndPoint peer)
    {
        _known.Remove(peer);
    }

    /// <summary>Peers that were connected in this run.</summary>
    public IEnumerable<PeerEndPoint> ThatWorked()
    {
        return _known.Where(static k => k.Value.Worked).Select(static k => k.Key);
    }

    private void Forgive(long since, long now)
    {
        foreach (var (_, candidate) in _known)
        {
            if (candidate is { IsBusy: false, Failures: > 0 } && candidate.DialledAt >= since - (5 * MonotonicClock.Second))
            {
                candidate.Forgive(now);
            }
        }
    }

    /// <summary>First who never worked and failed most often, then who was named longest ago, and only then who ever worked.</summary>
    private bool ForgetLeastPromising()
    {
        PeerEndPoint? least = null;
        var order = (true, int.MaxValue, long.MaxValue);
        foreach (var (known, candidate) in _known)
        {
            var its = (candidate.Worked, -candidate.Failures, candidate.NamedAt);
            if (!candidate.IsBusy && its.CompareTo(order) < 0)
            {
                (least, order) = (known, its);
            }
        }

        return least is { } gone && _known.Remove(gone);
    }
}
