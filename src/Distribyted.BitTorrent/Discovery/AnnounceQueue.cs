namespace Distribyted.BitTorrent.Discovery;

/// <summary>How many announces go out: so many per second in all, so many at once to a host. Hosts take turns, so a dead one delays
/// nobody, and while it is known to be dead what is meant for it is refused at once. Safe for use by many threads.</summary>
internal sealed class AnnounceQueue : IDisposable
{
    /// <summary>Announces per second in all.</summary>
    public const int PerSecond = 50;

    /// <summary>Announces in flight to one host.</summary>
    public const int PerHost = 8;

    private const int MaxRememberedHosts = 4096;
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestForWanted = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<string, Line> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Rest> _resting = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<Line>[] _turns = [new(), new(), new()]; // by urgency: hosts that have something and may send
    private double _tokens = PerSecond;
    private long _refilled;
    private bool _armed;
    private bool _disposed;

    public AnnounceQueue(TimeProvider time)
    {
        _time = time;
        _refilled = time.GetTimestamp();
        _timer = time.CreateTimer(
            static queue => ((AnnounceQueue)queue!).Refilled(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Sends one announce when its turn comes.</summary>
    /// <param name="tracker">Where to.</param>
    /// <param name="urgency">Who goes first.</param>
    /// <param name="ask">Does it; never throws but for its token.</param>
    /// <param name="cancellationToken">Takes it back, waiting or in flight.</param>
    public async Task<AnnounceAnswer> RunAsync(
        TrackerAddress tracker,
        AnnounceUrgency urgency,
        Func<CancellationToken, Task<AnnounceAnswer>> ask,
        CancellationToken cancellationToken
    )
    {
        var ticket = new Ticket(tracker.Authority, (int)urgency);
        Enqueue(tracker.Host, ticket);
        await using var taken = cancellationToken.UnsafeRegister(static (t, token) => ((Ticket)t!).Turn.TrySetCanceled(token), ticket);

        if (await ticket.Turn.Task is { } refused)
        {
            return refused;
        }

        var unreachable = false;
        try
        {
            var answer = await ask(cancellationToken);
            unreachable = answer.Unreachable;
            return answer;
        }
        finally
        {
            Finished(ticket, cancellationToken.IsCancellationRequested ? null : unreachable);
        }
    }

    /// <summary>How long a tracker still rests, for an announce of this urgency; null: it may be asked.</summary>
    public TimeSpan? RestOf(TrackerAddress tracker, AnnounceUrgency urgency)
    {
        lock (_lock)
        {
            return RestOf(tracker.Authority, (int)urgency);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Enqueue(string host, Ticket ticket)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(host, out var line))
            {
                line = new Line(host);
                _lines.Add(host, line);
            }

            ticket.Line = line;
            line.Waiting[ticket.Urgency].Enqueue(ticket);
            TakeTurn(line);
            Pump();
        }
    }

    private void Finished(Ticket ticket, bool? unreachable)
    {
        lock (_lock)
        {
            if (_resting.TryGetValue(ticket.Authority, out var rest) && rest.Probe == ticket)
            {
                rest.Probe = null;
            }

            if (unreachable == true)
            {
                LetRest(ticket.Authority);
            }
            else if (unreachable == false)
            {
                _resting.Remove(ticket.Authority);
            }

            var line = ticket.Line!;
            line.InFlight--;
            TakeTurn(line);
            Forget(line);
            Pump();
        }
    }

    private void Refilled()
    {
        lock (_lock)
        {
            _armed = false;
            Pump();
        }
    }

    /// <summary>Gives out turns, most urgent first, one per host and round.</summary>
    private void Pump()
    {
        Refill();
        for (var urgency = _turns.Length - 1; urgency >= 0; urgency--)
        {
            var turns = _turns[urgency];
            while (turns.TryPeek(out var line))
            {
                var free = urgency == (int)AnnounceUrgency.Farewell;
                if (line.InFlight >= PerHost || line.Waiting[urgency].Count == 0)
                {
                    turns.Dequeue();
                    line.InTurn[urgency] = false;
                    Forget(line);
                    continue;
                }

                if (line.Waiting[urgency].Peek() is { Turn.Task.IsCompleted: true })
                {
                    line.Waiting[urgency].Dequeue(); // taken back
                    continue;
                }

                if (RestOf(line.Waiting[urgency].Peek().Authority, urgency) is { } rest)
                {
                    line.Waiting[urgency].Dequeue().Turn.TrySetResult(AnnounceAnswer.Resting(rest));
                    continue;
                }

                if (_tokens < 1 && !free)
                {
                    Arm();
                    return;
                }

                turns.Dequeue();
                line.InTurn[urgency] = false;
                var ticket = line.Waiting[urgency].Dequeue();
                if (ticket.Turn.TrySetResult(null))
                {
                    if (_resting.TryGetValue(ticket.Authority, out var rested))
                    {
                        rested.Probe ??= ticket;
                    }

                    line.InFlight++;
                    _tokens -= free ? 0 : 1;
                }

                TakeTurn(line);
            }
        }
    }

    private void TakeTurn(Line line)
    {
        for (var urgency = 0; urgency < _turns.Length; urgency++)
        {
            if (!line.InTurn[urgency] && line.Waiting[urgency].Count > 0 && line.InFlight < PerHost)
            {
                line.InTurn[urgency] = true;
                _turns[urgency].Enqueue(line);
            }
        }
    }

    private void Forget(Line line)
    {
        if (line.InFlight == 0 && !line.HasWork)
        {
            _lines.Remove(line.Host);
        }
    }

    private void LetRest(string authority)
    {
        var now = _time.GetTimestamp();
        if (_resting.TryGetValue(authority, out var rest) && _time.GetElapsedTime(rest.Since, now) < FirstRest)
        {
            return; // the others that were in flight tell nothing new
        }

        if (rest is null && _resting.Count >= MaxRememberedHosts)
        {
            _resting.Clear();
        }

        rest ??= _resting[authority] = new Rest();
        rest.Length = rest.Length == TimeSpan.Zero ? FirstRest : TimeSpan.FromTicks(Math.Min(rest.Length.Ticks * 2, LongestRest.Ticks));
        rest.Since = now;
    }

    private TimeSpan? RestOf(string authority, int urgency)
    {
        if (!_resting.TryGetValue(authority, out var rest))
        {
            return null;
        }

        // A reader that waits, perhaps since the line is up again, need not wait for what others found out minutes ago.
        var length = urgency == (int)AnnounceUrgency.Wanted && rest.Length > LongestForWanted ? LongestForWanted : rest.Length;
        var left = length - _time.GetElapsedTime(rest.Since);
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        return rest.Probe is not null && urgency == (int)AnnounceUrgency.Regular ? FirstRest : null;
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(PerSecond, _tokens + (_time.GetElapsedTime(_refilled, now).TotalSeconds * PerSecond));
        _refilled = now;
    }

    private void Arm()
    {
        if (!_armed && !_disposed)
        {
            _armed = true;
            _timer.Change(TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Rest
    {
        /// <summary>When it last did not answer; a timestamp.</summary>
        public long Since { get; set; }

        public TimeSpan Length { get; set; }

        /// <summary>It has rested, and one announce is finding out whether it is back.</summary>
        public Ticket? Probe { get; set; }
    }

    private sealed class Ticket(string authority, int urgency)
    {
        public string Authority { get; } = authority;

        public Line? Line { get; set; }

        public int Urgency { get; } = urgency;

        /// <summary>Null: go. An answer: the tracker is resting, do not ask.</summary>
        public TaskCompletionSource<AnnounceAnswer?> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Line(string host)
    {
        public string Host { get; } = host;

        public int InFlight { get; set; }

        public Queue<Ticket>[] Waiting { get; } = [new(), new(), new()];

        public bool[] InTurn { get; } = new bool[3];

        public bool HasWork => Array.Exists(Waiting, queue => queue.Count > 0);
    }
}
