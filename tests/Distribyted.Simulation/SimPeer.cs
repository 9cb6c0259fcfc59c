using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Simulation;

/// <summary>
/// A seeder behind a line of its own, speaking TCP as Linux does in outline: ten segments at first, doubling per round trip until the queue grows,
/// a step back on loss, and back to ten segments after an idle time.
/// </summary>
internal sealed class SimPeer(
    int index,
    int generation,
    PeerProfile profile,
    SimUploads? uploads,
    SimSwarm swarm,
    VirtualTime time,
    Random random
)
{
    private const int Segment = 2896;
    private const int FirstWindow = 14480;
    private const int Overhead = 160; // IP, TCP and link headers of two packets
    private const int MessageHeader = 13;
    private const long PaceEvery = 100_000; // libtorrent gives out its rate limit at every tick
    private const int LargestSocketBuffer = 256 * 1024;

    private readonly SimLink _up = new(profile.Rate, 150_000);
    private readonly LinkedList<BlockRef> _asked = new();
    private readonly Queue<(BlockRef Block, long EndsAt)> _sending = new();
    private double _window = FirstWindow;
    private double _threshold = double.MaxValue;
    private SimUploads.Leecher? _turn;
    private long _inFlight;
    private long _buffered;
    private long _written;
    private long _sent;
    private long _received;
    private long _lastSent;
    private long _recoversAt;
    private long _lastArrival;
    private long _lastDelivery;
    private long _silentUntil;
    private int _answered;
    private bool _choking = uploads is not null;
    private bool _paces;

    public int Index => index;
    public int Generation => generation;
    public SimUploads? Uploads => uploads;
    public PeerProfile Profile => profile;
    public bool Gone { get; set; }

    private long Rtt => (2 * profile.Delay) + 4000;

    public void Start()
    {
        if (profile.ChokesEvery > 0)
        {
            time.After((long)(random.NextDouble() * profile.ChokesEvery * 1e6), Toggle);
        }
    }

    /// <summary>We are interested, or no longer.</summary>
    public void Interested(bool interested)
    {
        if (uploads is null || Gone || uploads.IsAway)
        {
            return;
        }

        if (interested && _turn is null)
        {
            _turn = uploads.Join(unchoked => Choke(!unchoked));
        }
        else if (!interested && _turn is not null)
        {
            Choke(true);
            uploads.Leave(_turn);
            _turn = null;
        }
    }

    /// <summary>The connection has ended.</summary>
    public void End()
    {
        Gone = true;
        if (_turn is not null)
        {
            uploads!.Leave(_turn);
        }
    }

    /// <summary>A message of ours reaches the peer.</summary>
    public void Hear(Action what)
    {
        time.After(profile.Delay + 2000 + random.NextInt64(profile.Jitter + 1), what);
    }

    public void Requested(BlockRef block)
    {
        if (_choking)
        {
            if (profile.Fast)
            {
                Say(() => swarm.Rejected(this, block));
            }

            return;
        }

        _asked.AddLast(block);
        Write();
    }

    public void Cancelled(BlockRef block)
    {
        if (_asked.Remove(block) && profile.Fast)
        {
            Say(() => swarm.Rejected(this, block));
        }
    }

    private void Say(Action what)
    {
        // Messages share the stream with the blocks that were sent before them.
        time.At(Math.Max(_lastArrival, time.Now + profile.Delay + 2000), what);
    }

    private void Toggle()
    {
        if (Gone)
        {
            return;
        }

        Choke(!_choking);
        time.After((long)((0.5 + random.NextDouble()) * profile.ChokesEvery * 1e6), Toggle);
    }

    private void Choke(bool choking)
    {
        if (_choking == choking || Gone)
        {
            return;
        }

        _choking = choking;
        if (_choking)
        {
            Say(() => swarm.Choked(this));
            foreach (var block in _asked)
            {
                if (profile.Fast)
                {
                    Say(() => swarm.Rejected(this, block));
                }
            }

            _asked.Clear();
        }
        else
        {
            Say(() => swarm.Unchoked(this));
        }
    }

    /// <summary>Puts blocks into the socket while its buffer has space.</summary>
    private void Write()
    {
        while (_asked.First is { } first && HasRoom() && time.Now >= _silentUntil && !Gone)
        {
            if ((profile.GoesSilent && _answered > 0) || random.NextDouble() < profile.StallShare)
            {
                _silentUntil = profile.GoesSilent ? long.MaxValue : time.Now + random.NextInt64(1_000_000, 8_000_000);
                if (!profile.GoesSilent)
                {
                    time.At(_silentUntil, Write);
                }

                break;
            }

            _answered++;
            _asked.RemoveFirst();
            _buffered += MessageHeader + swarm.LengthOf(first.Value);
            _sending.Enqueue((first.Value, _buffered));
        }

        if (uploads is null)
        {
            _written = _buffered;
        }
        else if (!_paces && _written < _buffered)
        {
            _paces = true;
            time.After(random.NextInt64(PaceEvery), Pace);
        }

        Transmit();
    }

    /// <summary>What is in the buffers of the program and of its socket cannot be cancelled.</summary>
    private bool HasRoom()
    {
        return uploads is null
            ? _buffered - _sent < 128 * 1024
            : _buffered - _written < Math.Clamp((long)(uploads.Share / 2), 10 * 1024, 500 * 1024);
    }

    private void Pace()
    {
        if (Gone)
        {
            return;
        }

        var most = Math.Min((long)(uploads!.Share * PaceEvery / 1e6), LargestSocketBuffer - (_written - _sent));
        var bytes = Math.Max(0, Math.Min(most, _buffered - _written));
        _written += bytes;
        _turn?.Sent(bytes);
        _paces = _written < _buffered || _asked.Count > 0;
        if (_paces)
        {
            time.After(PaceEvery, Pace);
        }

        Write();
    }

    private void Transmit()
    {
        if (_inFlight == 0 && time.Now - _lastSent > Rtt + 200_000)
        {
            for (var idle = time.Now - _lastSent; idle > Rtt + 200_000 && _window > FirstWindow; idle -= Rtt + 200_000)
            {
                _threshold = Math.Min(_threshold, double.MaxValue);
                _window = Math.Max(FirstWindow, _window / 2);
            }
        }

        while (_sent < _written && _inFlight + 1 <= _window && !Gone)
        {
            var bytes = (int)Math.Min(Segment, _written - _sent);
            _sent += bytes;
            _inFlight += bytes;
            _lastSent = time.Now;
            var through = _up.Send(bytes + Overhead, time.Now);
            var extra = 0L;
            if (through < 0)
            {
                Lost();
                through = time.Now + _up.Waiting(time.Now);
                extra = Rtt;
            }
            else if (IsUnlucky())
            {
                Lost();
                var isLast = _written - _sent < 3 * Segment; // nothing follows that would tell of the loss: the tail loss probe does (RFC 8985)
                extra = (isLast ? 2 * Rtt : Rtt) + (IsUnlucky() ? 200_000 + Rtt : 0);
            }

            Carry(bytes, through + profile.Delay + extra + random.NextInt64(profile.Jitter + 1));
        }
    }

    private void Carry(int bytes, long arrival)
    {
        _lastArrival = Math.Max(_lastArrival, arrival); // a stream: nothing overtakes
        time.At(
            _lastArrival,
            () =>
            {
                var through = swarm.Down.Send(bytes + Overhead, time.Now);
                var extra = 0L;
                if (through < 0)
                {
                    Lost();
                    through = time.Now + swarm.Down.Waiting(time.Now);
                    extra = Rtt;
                }

                _lastDelivery = Math.Max(_lastDelivery, through + extra);
                time.At(_lastDelivery, () => Arrived(bytes));
            }
        );
    }

    private void Arrived(int bytes)
    {
        if (Gone)
        {
            return;
        }

        _received += bytes;
        time.After(profile.Delay + 2000, () => Acknowledged(bytes));
        var any = false;
        while (_sending.TryPeek(out var head) && head.EndsAt <= _received)
        {
            _sending.Dequeue();
            swarm.Received(this, head.Block);
            any = true;
        }

        if (any)
        {
            swarm.Run();
        }
    }

    private void Acknowledged(int bytes)
    {
        var limited = _inFlight * 2 >= _window;
        var full = _inFlight + Segment >= _window;
        _inFlight -= bytes;
        if (_window < _threshold)
        {
            _window += limited ? bytes : 0;
            if (_window * 1e6 / profile.Rate > Rtt + Math.Clamp(Rtt / 8, 4000, 16_000))
            {
                _threshold = _window; // HyStart: the queue begins to stand
            }
        }
        else if (full)
        {
            // CUBIC gains fast on a line that hardly loses anything; where losses limit it, it is no faster than Reno: a packet per round trip.
            _window += (profile.Loss > 0.001 ? 0.5 : 2.0) * Segment * bytes / _window;
        }

        Write();
    }

    private bool IsUnlucky()
    {
        return profile.Loss > 0 && random.NextDouble() < 2 * profile.Loss; // a segment here is two packets
    }

    private void Lost()
    {
        if (time.Now < _recoversAt)
        {
            return;
        }

        _recoversAt = time.Now + Rtt;
        _window = Math.Max(FirstWindow, _window * 0.7);
        _threshold = _window;
    }
}
