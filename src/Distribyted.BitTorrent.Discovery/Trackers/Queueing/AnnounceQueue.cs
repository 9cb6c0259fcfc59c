using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>How many announces go out: so many per second in all, so many at once to a host; the more urgent first, and hosts take ready.
/// What is meant for a tracker that just did not answer is refused at once. Safe for use by many threads.</summary>
internal sealed class AnnounceQueue : IDisposable
{
    /// <summary>Announces per second in all.</summary>
    public const int PerSecond = 50;

    /// <summary>Announces in flight to one host.</summary>
    public const int PerHost = 8;

    /// <summary>Further ones for blocked readers, who cannot wait until the answers of others are there.</summary>
    public const int PerHostForReaders = 4;

    private const int Urgencies = (int)AnnounceUrgency.Stopped + 1;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<string, Line> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly UnreachableTrackers _silent;
    private readonly Queue<Line>[] _ready = Queues<Line>(); // by urgency: hosts that have something to send and may
    private double _tokens = PerSecond;
    private long _refilled;
    private bool _armed;
    private bool _disposed;

    public AnnounceQueue(TimeProvider time, ILogger? logger = null)
    {
        _time = time;
        _silent = new UnreachableTrackers(time);
        _refilled = time.GetTimestamp();
        _timer = Background.CreateTimer(time, "queue of announces", logger ?? NullLogger.Instance, Refilled);
    }

    /// <summary>Sends one announce when the limits allow.</summary>
    /// <param name="ticket">Where to, and how urgent; a new one.</param>
    /// <param name="ask">Sends it and waits for the answer; never throws but for its token.</param>
    /// <param name="cancellationToken">Cancels it, waiting or in flight.</param>
    public async Task<AnnounceAnswer> RunAsync(
        AnnounceTicket ticket,
        Func<CancellationToken, Task<AnnounceAnswer>> ask,
        CancellationToken cancellationToken
    )
    {
        var line = Enqueue(ticket);
        await using var canceled = cancellationToken.UnsafeRegister(
            static (t, token) => ((AnnounceTicket)t!).Admission.TrySetCanceled(token),
            ticket
        );

        if (await ticket.Admission.Task is { } refused)
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
            Finished(ticket, line, cancellationToken.IsCancellationRequested ? null : unreachable);
        }
    }

    /// <summary>Makes an announce that still waits more urgent; nothing happens to one that is under way or was as urgent before.</summary>
    public void Raise(AnnounceTicket ticket, AnnounceUrgency urgency)
    {
        lock (_lock)
        {
            if (ticket.Urgency < urgency && !ticket.Admission.Task.IsCompleted && _lines.TryGetValue(ticket.Tracker.Host, out var line))
            {
                ticket.Urgency = urgency; // its entry in the other queue is skipped when it comes up
                line.Waiting[(int)urgency].Enqueue(ticket);
                MakeReady(line);
                Pump();
            }
        }
    }

    /// <summary>How long announces of this urgency to a tracker that did not answer are still held back; null: it may be asked.</summary>
    public TimeSpan? SilentFor(TrackerAddress tracker, AnnounceUrgency urgency)
    {
        lock (_lock)
        {
            return _silent.Left(tracker.Authority, urgency);
        }
    }

    /// <summary>Every tracker may be asked again: our network has changed.</summary>
    public void ForgetSilent()
    {
        lock (_lock)
        {
            _silent.Clear();
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

    private Line Enqueue(AnnounceTicket ticket)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(ticket.Tracker.Host, out var line))
            {
                line = new Line(ticket.Tracker.Host);
                _lines.Add(line.Host, line);
            }

            line.Waiting[(int)ticket.Urgency].Enqueue(ticket);
            MakeReady(line);
            Pump();
            return line;
        }
    }

    private void Finished(AnnounceTicket ticket, Line line, bool? unreachable)
    {
        lock (_lock)
        {
            _silent.Asked(ticket, unreachable);
            line.InFlight--;
            MakeReady(line);
            DropIfDone(line);
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

    /// <summary>Admits announces, most urgent first, one per host and round.</summary>
    private void Pump()
    {
        Refill();
        for (var urgency = AnnounceUrgency.Stopped; urgency >= AnnounceUrgency.Regular; urgency--)
        {
            var ready = _ready[(int)urgency];
            while (ready.TryPeek(out var line))
            {
                var waiting = line.Waiting[(int)urgency];
                if (line.InFlight >= MostInFlight(urgency) || waiting.Count == 0)
                {
                    ready.Dequeue();
                    line.IsReady[(int)urgency] = false;
                    DropIfDone(line);
                    continue;
                }

                var ticket = waiting.Peek();
                if (ticket.Urgency != urgency || ticket.Admission.Task.IsCompleted)
                {
                    waiting.Dequeue(); // raised, or cancelled
                    continue;
                }

                if (_silent.Left(ticket.Tracker.Authority, urgency) is { } left)
                {
                    waiting.Dequeue().Admission.TrySetResult(AnnounceAnswer.Skipped(left));
                    continue;
                }

                if (_tokens < LeastTokens(urgency))
                {
                    Arm();
                    return;
                }

                ready.Dequeue();
                line.IsReady[(int)urgency] = false;
                waiting.Dequeue();
                if (ticket.Admission.TrySetResult(null))
                {
                    _silent.Asking(ticket);
                    line.InFlight++;
                    _tokens -= urgency == AnnounceUrgency.Stopped ? 0 : 1;
                }

                MakeReady(line);
            }
        }
    }

    private void MakeReady(Line line)
    {
        for (var urgency = AnnounceUrgency.Regular; urgency <= AnnounceUrgency.Stopped; urgency++)
        {
            var i = (int)urgency;
            if (!line.IsReady[i] && line.Waiting[i].Count > 0 && line.InFlight < MostInFlight(urgency))
            {
                line.IsReady[i] = true;
                _ready[i].Enqueue(line);
            }
        }
    }

    private static int MostInFlight(AnnounceUrgency urgency)
    {
        return urgency == AnnounceUrgency.Reader ? PerHost + PerHostForReaders : PerHost;
    }

    /// <summary>Tokens that must be there before one is taken. A blocked reader goes before the rate: it may take up to a second's worth
    /// from those who come later.</summary>
    private static double LeastTokens(AnnounceUrgency urgency)
    {
        return urgency switch
        {
            AnnounceUrgency.Stopped => double.NegativeInfinity,
            AnnounceUrgency.Reader => 1 - PerSecond,
            _ => 1,
        };
    }

    private static Queue<T>[] Queues<T>()
    {
        return [.. Enumerable.Range(0, Urgencies).Select(static _ => new Queue<T>())];
    }

    private void DropIfDone(Line line)
    {
        if (line.InFlight == 0 && !line.HasWork)
        {
            _lines.Remove(line.Host);
        }
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

    private sealed class Line(string host)
    {
        public string Host { get; } = host;

        public int InFlight { get; set; }

        public Queue<AnnounceTicket>[] Waiting { get; } = Queues<AnnounceTicket>();

        public bool[] IsReady { get; } = new bool[Urgencies];

        public bool HasWork => Array.Exists(Waiting, queue => queue.Count > 0);
    }
}
