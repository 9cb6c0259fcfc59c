namespace Distribyted.Simulation;

/// <summary>
/// To whom a seeder sends: us and its other leechers. The rules are those of libtorrent 2.0 as a seed with its round-robin choker: a free slot is given at once,
/// every 15 s those that are sent the most keep theirs until they have had their turn (20 pieces and a minute), and one slot goes round every 30 s.
/// </summary>
internal sealed class SimUploads
{
    private const long Second = 1_000_000;
    private const long Quota = 20 << 20; // bytes of a turn

    private readonly CrowdProfile _crowd;
    private readonly double _rate;
    private readonly VirtualTime _time;
    private readonly Random _random;
    private readonly List<Leecher> _present = [];
    private Leecher? _optimistic;
    private long _looksAt = long.MaxValue;
    private bool _away;

    public SimUploads(CrowdProfile crowd, double rate, VirtualTime time, Random random)
    {
        _crowd = crowd;
        _rate = rate * crowd.RateLimit;
        _time = time;
        _random = random;
        for (var i = 0; i < crowd.Rivals; i++)
        {
            time.After(Between(0, 5), Come);
        }

        time.After(Between(0, 15), EveryFifteenSeconds);
        time.After(Between(0, 30), EveryThirtySeconds);
        if (crowd.AwayEvery > 0)
        {
            PlanAbsence();
        }
    }

    /// <summary>Called when it goes away, and when it is back.</summary>
    public Action<bool>? PresenceChanged { get; set; }

    public bool IsAway => _away;

    /// <summary>Bytes per second that each of those it sends to gets, while all of them have asked for something.</summary>
    public double Share => _rate / Math.Max(1, CountUnchoked());

    /// <summary>We are connected and interested.</summary>
    public Leecher Join(Action<bool> unchoked)
    {
        var us = new Leecher(unchoked, isRival: false);
        Add(us);
        return us;
    }

    public void Leave(Leecher leecher)
    {
        _present.Remove(leecher);
        if (leecher.IsUnchoked)
        {
            LookSoon();
        }
    }

    private void Add(Leecher leecher)
    {
        _present.Add(leecher);
        if (CountUnchoked() < _crowd.Slots)
        {
            Unchoke(leecher);
        }
    }

    private int CountUnchoked()
    {
        var count = 0;
        foreach (var leecher in _present)
        {
            count += leecher.IsUnchoked ? 1 : 0;
        }

        return count;
    }

    private void Come()
    {
        if (_away)
        {
            _time.After(Between(1, 10), Come);
            return;
        }

        var rival = new Leecher(static _ => { }, isRival: true);
        Add(rival);
        _time.After(
            Between(10, 40),
            () =>
            {
                if (_present.Contains(rival))
                {
                    Leave(rival);
                    _time.After(Between(1, 10), Come);
                }
            }
        );
    }

    private void EveryFifteenSeconds()
    {
        Look();
        _time.After(15 * Second, EveryFifteenSeconds);
    }

    private void EveryThirtySeconds()
    {
        var next = _present.Where(leecher => !leecher.IsUnchoked).MinBy(leecher => leecher.OptimisticAt);
        if (next is not null)
        {
            var before = _optimistic;
            _optimistic = next;
            next.OptimisticAt = _time.Now;
            if (before is { IsUnchoked: true } && _present.Contains(before))
            {
                Choke(before);
            }

            Unchoke(next);
        }

        _time.After(30 * Second, EveryThirtySeconds);
    }

    private void LookSoon()
    {
        if (_looksAt == long.MaxValue)
        {
            _looksAt = _time.Now + (Second / 2);
            _time.At(_looksAt, Look);
        }
    }

    private void Look()
    {
        _looksAt = long.MaxValue;
        var now = _time.Now;
        foreach (var leecher in _present)
        {
            leecher.Measure(now, Share);
        }

        var regular = _crowd.Slots - (_optimistic is not null && _present.Contains(_optimistic) ? 1 : 0);
        var chosen = _present
            .Where(leecher => leecher != _optimistic)
            .OrderBy(leecher => leecher.IsUnchoked && leecher.SentInTurn > Quota && now - leecher.UnchokedAt > 60 * Second)
            .ThenByDescending(leecher => leecher.IsUnchoked ? leecher.Rate : 0)
            .ThenBy(leecher => leecher.UnchokedAt)
            .Take(regular)
            .ToList();
        foreach (var leecher in _present.Where(leecher => leecher != _optimistic).ToList())
        {
            if (!chosen.Contains(leecher))
            {
                Choke(leecher);
            }
        }

        chosen.ForEach(Unchoke);
    }

    private void Unchoke(Leecher leecher)
    {
        if (!leecher.IsUnchoked)
        {
            leecher.Unchoke(_time.Now);
        }
    }

    private static void Choke(Leecher leecher)
    {
        if (leecher.IsUnchoked)
        {
            leecher.Choke();
        }
    }

    private void PlanAbsence()
    {
        var stays = (-Math.Log(1 - _random.NextDouble()) * (_crowd.AwayEvery - 5)) + 5;
        _time.After(
            (long)(stays * Second),
            () =>
            {
                _away = true;
                foreach (var _ in _present.Where(leecher => leecher.IsRival))
                {
                    _time.After(Between(1, 10), Come);
                }

                _present.Clear();
                _optimistic = null;
                PresenceChanged?.Invoke(false);
                _time.After(
                    Between(2, 6),
                    () =>
                    {
                        _away = false;
                        PresenceChanged?.Invoke(true);
                        PlanAbsence();
                    }
                );
            }
        );
    }

    private long Between(double from, double to)
    {
        return (long)((from + (_random.NextDouble() * (to - from))) * Second);
    }

    /// <summary>One that it may send to.</summary>
    internal sealed class Leecher(Action<bool> unchoked, bool isRival)
    {
        private long _sent;
        private long _measuredAt;

        public bool IsRival => isRival;
        public bool IsUnchoked { get; private set; }
        public long UnchokedAt { get; private set; } = long.MinValue / 2;
        public long OptimisticAt { get; set; } = long.MinValue / 2;

        /// <summary>Bytes since it was unchoked.</summary>
        public long SentInTurn { get; private set; }

        /// <summary>Bytes per second since the last look.</summary>
        public double Rate { get; private set; }

        /// <summary>Bytes were sent to us.</summary>
        public void Sent(long bytes)
        {
            _sent += bytes;
        }

        public void Unchoke(long now)
        {
            IsUnchoked = true;
            UnchokedAt = now;
            SentInTurn = 0;
            unchoked(true);
        }

        public void Choke()
        {
            IsUnchoked = false;
            unchoked(false);
        }

        public void Measure(long now, double share)
        {
            var seconds = Math.Max(0.1, (now - Math.Max(_measuredAt, UnchokedAt)) / 1e6);
            var sent = isRival && IsUnchoked ? (long)(share * seconds) : _sent;
            _sent = 0;
            _measuredAt = now;
            SentInTurn += IsUnchoked ? sent : 0;
            Rate = sent / seconds;
        }
    }
}
