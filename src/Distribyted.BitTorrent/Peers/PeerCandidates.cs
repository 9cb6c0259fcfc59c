using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Peers that a swarm has heard of: who may be dialled next. Guarded by the swarm's gate; bounded.</summary>
internal sealed class PeerCandidates
{
    private const int Capacity = 2000;
    private const long RedialAfter = 60 * MonotonicClock.Second; // once per end point and minute: peers are not a tool to attack others

    private const long AgainAfter = MonotonicClock.Second;
    private const long Refusal = 2 * MonotonicClock.Second; // "nobody is here" comes at once; silence takes longer

    private readonly Dictionary<PeerEndPoint, Candidate> _known = [];
    private readonly PriorityQueue<PeerEndPoint, (long At, int Failures)> _queue = new(); // failures are waited for: see Release

    public int Count => _known.Count;

    /// <summary>Remembers a peer; false when it was known.</summary>
    public bool Add(PeerEndPoint peer, PeerOrigin origin, long now)
    {
        if (_known.ContainsKey(peer) || (_known.Count >= Capacity && !ForgetOne()))
        {
            return false;
        }

        _known[peer] = new Candidate(origin);
        _queue.Enqueue(peer, (now, 0));
        return true;
    }

    /// <summary>The next peer to dial; false: nobody, or not yet.</summary>
    public bool TryTake(long now, out PeerEndPoint peer, out PeerOrigin origin)
    {
        while (_queue.TryPeek(out peer, out var order))
        {
            if (!_known.TryGetValue(peer, out var candidate) || candidate.IsBusy)
            {
                _queue.Dequeue();
                continue;
            }

            if (order.At > now)
            {
                break;
            }

            _queue.Dequeue();
            candidate.IsBusy = true;
            candidate.DialledAt = now;
            origin = candidate.Origin;
            return true;
        }

        peer = default;
        origin = default;
        return false;
    }

    /// <summary>
    /// The next peer to dial when somebody waits and nobody is connected: also one that served us before and hung up a moment ago, as seeds do
    /// when they believe that we have everything.
    /// </summary>
    public bool TryTakeAgain(long now, out PeerEndPoint peer)
    {
        foreach (var (known, candidate) in _known)
        {
            if (candidate is { Worked: true, IsBusy: false, Failures: 0 } && now - candidate.DialledAt >= AgainAfter)
            {
                candidate.IsBusy = true;
                candidate.DialledAt = now;
                peer = known;
                return true;
            }
        }

        peer = default;
        return false;
    }

    /// <summary>A dial failed, or a connection ended. Quick failures are tried ever later, and forgotten after five.</summary>
    public void Release(PeerEndPoint peer, bool worked, long now)
    {
        if (!_known.TryGetValue(peer, out var candidate))
        {
            return;
        }

        candidate.IsBusy = false;
        candidate.Failures = worked ? 0 : candidate.Failures + 1;
        candidate.Worked |= worked;
        if (candidate.Failures > 5 && !candidate.Worked)
        {
            _known.Remove(peer);
            return;
        }

        // The first retry of a peer that has just come up (a seeder started a moment after us) must not take a minute; nor must it
        // when it was we who could not be heard for a moment.
        var first = now - candidate.DialledAt < Refusal ? 5 * MonotonicClock.Second : 15 * MonotonicClock.Second;
        var pause = candidate.Failures == 1 ? first : RedialAfter * Math.Max(1, candidate.Failures);
        _queue.Enqueue(peer, (candidate.DialledAt + pause, candidate.Failures));
    }

    /// <summary>Connected by another way (they dialled us): do not dial.</summary>
    public void MarkBusy(PeerEndPoint peer)
    {
        if (_known.TryGetValue(peer, out var candidate))
        {
            candidate.IsBusy = true;
        }
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

    private bool ForgetOne()
    {
        foreach (var (peer, candidate) in _known)
        {
            if (!candidate.IsBusy && !candidate.Worked && candidate.Failures > 0)
            {
                return _known.Remove(peer);
            }
        }

        return false;
    }

    private sealed class Candidate(PeerOrigin origin)
    {
        public PeerOrigin Origin { get; } = origin;

        public bool IsBusy { get; set; }

        public bool Worked { get; set; }

        public int Failures { get; set; }

        public long DialledAt { get; set; }
    }
}
