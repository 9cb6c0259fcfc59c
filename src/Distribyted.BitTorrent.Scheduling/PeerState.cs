using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What the scheduler knows and guesses about one peer. Objects are reused with their slot.</summary>
internal sealed class PeerState(int pieceCount)
{
    private const long UnknownRate = 1_000_000; // bytes/s of a peer that has not sent anything yet
    private const long PriorBytes = 64 * 1024; // how much that guess weighs against what is measured
    private const double RateMemory = 600_000; // microseconds of busy time
    private const int FirstDepth = 8;
    private const double FirstWindow = 14480; // bytes: ten segments
    private const long Slack = 100_000; // microseconds of work kept queued at the peer beyond a round trip
    private const long ProbeAfter = 1_000_000;
    private const double MostLate = 5;
    private const double LatenessMemory = 10; // blocks
    private const long RttMemory = 30_000_000;

    private double _lateness = 1;
    private double _bytes;
    private double _window;
    private double _busy;
    private long _lastReceived;
    private long _lastHeard;
    private long _rtt;
    private long _rttBefore;
    private long _rttSince;
    private int _rttSamples;
    private bool _slowStart;
    private bool _isProbing;
    private int _slowStartDepth;
    private long _roundStart;
    private long _roundBytes;
    private long _roundBefore;

    public PeerSlot Slot { get; private set; }
    public bool Alive { get; private set; }
    public PeerTraits Traits { get; set; }
    public PieceSet Has { get; } = new(pieceCount);
    public PieceSet Allowed { get; } = new(pieceCount);
    public RequestQueue Requests { get; } = new();
    public bool Choked { get; set; }
    public bool Interested { get; set; }
    public long InterestUntil { get; set; }

    /// <summary>Told to be dropped: asked for nothing more.</summary>
    public bool Dropped { get; set; }

    /// <summary>Requests that were cancelled but still occupy the queue, because their answer may come.</summary>
    public int CancelledInFlight { get; set; }

    /// <summary>Requests that are no longer in the queue but whose block may still come: cancelled and timed out, or dropped by a choke.</summary>
    public int AbandonedInFlight { get; set; }
    public bool Stalled { get; private set; }
    public long LastStall { get; private set; }

    /// <summary>When a stalled peer whose requests were all cancelled is probed.</summary>
    public long ProbeAt => LastStall + ProbeAfter;
    public long JoinedAt { get; private set; }
    public long LastUseful { get; private set; }

    /// <summary>Has sent something that was asked.</summary>
    public bool IsProven => LastUseful > JoinedAt;

    /// <summary>The only piece that it may serve until a piece with its blocks was verified; -1: none chosen yet. A peer that sends wrong data spoils one piece, not a window.</summary>
    public int ProbationPiece { get; set; } = -1;

    /// <summary>The piece that it may serve beside that one; -1: none chosen yet.</summary>
    public int SecondPiece { get; set; } = -1;

    /// <summary>All blocks of its piece are asked: it may begin a second one, for which it would otherwise wait until the first is verified.</summary>
    public bool MayBeginSecond { get; set; }

    /// <summary>Has sent blocks of a piece whose hash was wrong, and it is not known yet which peer sent the wrong data.</summary>
    public bool IsSuspect { get; set; }
    public bool IsTrusted => Verified > 0 && !IsSuspect;
    public int Verified { get; set; }
    public int Failed { get; set; }

    /// <summary>Bytes per second while it has something to send us.</summary>
    public double Rate { get; private set; }

    /// <summary>Microseconds that a block takes on its line.</summary>
    public long BlockTime { get; private set; }

    /// <summary>Microseconds of the quickest round trip of the last half minute.</summary>
    public long Rtt => Math.Min(_rtt, _rttBefore);

    public void Join(PeerSlot slot, in PeerTraits traits, long now)
    {
        Slot = slot;
        Traits = traits;
        Alive = true;
        Choked = true;
        Interested = false;
        InterestUntil = 0;
        Dropped = false;
        Stalled = false;
        _isProbing = false;
        AbandonedInFlight = 0;
        ProbationPiece = -1;
        SecondPiece = -1;
        MayBeginSecond = false;
        IsSuspect = false;
        Verified = 0;
        Failed = 0;
        CancelledInFlight = 0;
        LastStall = long.MinValue / 2;
        JoinedAt = LastUseful = now;
        Has.Clear();
        Allowed.Clear();
        Requests.Clear();
        _lateness = 1;
        _bytes = PriorBytes;
        _busy = PriorBytes * 1e6 / UnknownRate;
        SpeedChanged();
        _window = FirstWindow;
        _lastReceived = _lastHeard = now;
        _rtt = Math.Clamp(traits.DialRtt, 100, 3_000_000);
        _rttBefore = long.MaxValue;
        _rttSince = now;
        _rttSamples = 0;
        _slowStart = true;
        _slowStartDepth = FirstDepth;
        _roundStart = now;
        _roundBytes = _roundBefore = 0;
    }

    public void Leave()
    {
        Alive = false;
        Requests.Clear();
        CancelledInFlight = 0;
    }

    /// <summary>How many requests it may have at once.</summary>
    public int Depth(int most)
    {
        if (_isProbing)
        {
            return 1;
        }

        // The speed of a new peer is a guess: its depth grows block by block, as TCP slow start does, not far beyond what is measured.
        var depth = ((Rtt + Slack) / BlockTime) + 2;
        depth = _slowStart ? Math.Min(_slowStartDepth, FirstDepth + (2 * depth)) : depth;
        var limit = Math.Max(1, Math.Min(Traits.MaxRequests, most));
        return (int)Math.Clamp(depth, Math.Min(2, limit), limit);
    }

    /// <summary>When a block asked now would be here, if this many others were asked just before it, and as late as its blocks have been until now.</summary>
    public long ArrivalIfAsked(long now, int others = 0)
    {
        return Later(ArrivalBySpeed(now, others), now);
    }

    /// <summary>The same by its speed and round trip alone.</summary>
    public long ArrivalBySpeed(long now, int others = 0)
    {
        var ahead = Requests.Count + others;
        var flows = Requests.Count == 0 ? now : Math.Max(now, Requests[0].SentAt + Rtt);
        var arrival = Math.Max(now + Rtt, flows + (ahead * BlockTime)) + BlockTime;
        return Math.Max(arrival, ArrivalByWindow(ahead, now));
    }

    /// <summary>When the request at this place of the queue is expected to be answered.</summary>
    public long ArrivalOf(int index, long now)
    {
        var flow = Math.Max(now, Requests[0].SentAt + Rtt) + ((index + 1) * BlockTime);
        var expected = Math.Max(Math.Max(flow, Requests[index].SentAt + Rtt + BlockTime), ArrivalByWindow(index, now));
        expected = Later(expected, now);
        return Stalled ? Math.Max(expected, now + Silence(now)) : expected;
    }

    /// <summary>
    /// A TCP that has just begun, or begins again after a pause, sends ten segments and twice as much in each round trip that follows (RFC 6928, RFC 5681):
    /// what it has sent so far says how long the next bytes take, whatever its line could carry.
    /// </summary>
    private long ArrivalByWindow(int ahead, long now)
    {
        if (_window * 1e6 > Rate * Rtt * 2)
        {
            return 0;
        }

        var began = Requests.Count == 0 ? now : Math.Max(Requests[0].SentAt, now - Rtt);
        return began + (long)(Rtt * (1 + Math.Log2(1 + ((ahead + 1) * PieceLayout.BlockLength / _window))));
    }

    /// <summary>A block came, or was cancelled after it should have come: how late its blocks are shows that its speed is not even, or that it serves others.</summary>
    public void MeasureLateness(in Request request, long now)
    {
        if (request.ExpectedAt > request.SentAt)
        {
            var ratio = (double)(now - request.SentAt) / (request.ExpectedAt - request.SentAt);
            _lateness += (Math.Clamp(ratio, 0.5, MostLate) - _lateness) / LatenessMemory;
        }
    }

    private long Later(long expected, long now)
    {
        return _lateness <= 1 ? expected : now + (long)((expected - now) * _lateness);
    }

    /// <summary>Microseconds since it last sent a whole block that was asked, or since it was asked.</summary>
    public long Silence(long now)
    {
        return Requests.Count == 0 ? 0 : now - Math.Max(_lastReceived, Requests[0].SentAt);
    }

    /// <summary>Bytes of a block that was asked are coming, but it is not whole yet.</summary>
    public void Hear(long now)
    {
        _lastHeard = now;
    }

    /// <summary>Microseconds since it last sent a byte of what was asked, or since it was asked.</summary>
    public long Quiet(long now)
    {
        return Math.Min(Silence(now), now - _lastHeard);
    }

    /// <summary>When it last sent a byte that was asked.</summary>
    public long LastPayload => Math.Max(LastUseful, _lastHeard);

    /// <summary>How long it may be silent before it counts as stalled.</summary>
    public long Patience()
    {
        return Math.Max(250_000, 4 * BlockTime) + Rtt;
    }

    /// <summary>Looks at the clock: true when it is stalled.</summary>
    /// <param name="now">When.</param>
    /// <param name="next">When that changes if nothing comes and nothing is asked; <see cref="long.MaxValue"/>: it does not.</param>
    public bool CheckStalled(long now, out long next)
    {
        if (Requests.Count == 0)
        {
            // All its requests were cancelled: it is probed with one block.
            _isProbing |= Stalled;
            Stalled &= now < ProbeAt;
            next = Stalled ? ProbeAt : long.MaxValue;
            return Stalled;
        }

        var stallsAt = Math.Max(_lastReceived, Requests[0].SentAt) + Patience() + 1;
        var stalled = now >= stallsAt;
        if (stalled && !Stalled)
        {
            LastStall = now;
        }

        Stalled = stalled;
        next = stalled ? long.MaxValue : stallsAt;
        return stalled;
    }

    /// <summary>A block that was asked has come.</summary>
    public void Measure(in Request request, int bytes, long now, int most)
    {
        var full = Requests.Count >= Depth(most);
        var elapsed = now - request.SentAt;
        if (request.Alone)
        {
            SampleRtt(Math.Max(100, elapsed - Math.Min(BlockTime, elapsed / 2)), now);
        }

        var flowing = Math.Max(_lastReceived, request.SentAt + Rtt);
        var busy = Math.Clamp(now - flowing, 0, 500_000);
        var keep = RateMemory / (RateMemory + busy);
        _bytes = (_bytes * keep) + bytes;
        _busy = (_busy * keep) + busy;
        if (_busy < _bytes / 1000)
        {
            _busy = _bytes / 1000; // 1 GB/s is the most that is believed
        }

        SpeedChanged();
        MeasureLateness(request, now);
        _lastReceived = LastUseful = now;
        _window += bytes;
        Stalled = false;
        _isProbing = false;
        if (_slowStart)
        {
            SlowStart(bytes, full, now);
        }
    }

    /// <summary>Resets the congestion estimate after a pause; the next request starts a new round.</summary>
    public void PipeRestarts(long now)
    {
        _roundStart = now;
        _roundBytes = _roundBefore = 0;
        _window = Math.Min(_window, Rate * Rtt * 4 / 1e6);
        for (var idle = now - _lastReceived; idle > Rtt + 200_000 && _window > FirstWindow; idle -= Rtt + 200_000)
        {
            _window /= 2;
        }

        _window = Math.Max(_window, FirstWindow);
    }

    private void SpeedChanged()
    {
        Rate = _bytes * 1e6 / _busy;
        BlockTime = Math.Max(1, (long)(PieceLayout.BlockLength * _busy / _bytes));
    }

    private void SlowStart(int bytes, bool full, long now)
    {
        _roundBytes += bytes;
        if (full)
        {
            _slowStartDepth++;
        }

        if (now - _roundStart < Math.Max(Rtt, 50_000))
        {
            return;
        }

        _slowStart = !full || _roundBefore == 0 || _roundBytes > _roundBefore + (_roundBefore / 4);
        _roundBefore = _roundBytes;
        _roundBytes = 0;
        _roundStart = now;
    }

    private void SampleRtt(long sample, long now)
    {
        if (now - _rttSince > RttMemory)
        {
            _rttBefore = _rtt;
            _rtt = sample;
            _rttSince = now;
        }
        else if (++_rttSamples == 3 && _rtt * 4 < sample)
        {
            _rtt = sample; // the dial was answered by something nearer: a proxy, a relay
        }
        else
        {
            _rtt = Math.Min(_rtt, sample);
        }
    }
}
