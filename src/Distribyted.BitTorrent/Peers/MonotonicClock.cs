namespace Distribyted.BitTorrent.Peers;

/// <summary>Microseconds that the engine has run; never decreasing. It stands still while the process is stopped or the machine sleeps.</summary>
/// <remarks>
/// Deadlines are about what peers did while we could hear them: after a stop (SIGSTOP, a container that was paused, a debugger) no peer is late.
/// Linux's CLOCK_MONOTONIC goes on during such a stop and stands still while the machine is suspended; other systems count both. The session's heartbeat
/// asks for the time every second, so a longer silence is a stop. Safe for use by many threads.
/// </remarks>
internal sealed class MonotonicClock(TimeProvider time)
{
    public const long Second = 1_000_000;
    public const long Millisecond = 1_000;

    /// <summary>A process in which the time was not asked for so long did not run.</summary>
    internal const long Stop = 5 * Second;

    private const long Grain = 100 * Millisecond; // how exactly the last call is remembered

    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private long _lastCall;
    private long _stopped;
    private volatile bool _isWatched;

    public TimeProvider Time => time;

    public long Now
    {
        get
        {
            while (true)
            {
                var stopped = Volatile.Read(ref _stopped);
                var running = Running;
                if (running - Volatile.Read(ref _lastCall) >= Grain)
                {
                    Remember(running);
                }

                if (stopped == Volatile.Read(ref _stopped)) // else the stop ended between these lines
                {
                    return running - stopped;
                }
            }
        }
    }

    /// <summary>Microseconds that were left out so far.</summary>
    public long Stopped => Volatile.Read(ref _stopped);

    private long Running => time.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>From now on the time is asked for every second.</summary>
    public void Watch()
    {
        Remember(Running);
        _isWatched = true;
    }

    private void Remember(long running)
    {
        lock (_lock)
        {
            var silence = running - _lastCall;
            if (silence >= Stop && _isWatched)
            {
                Volatile.Write(ref _stopped, _stopped + silence);
            }

            if (silence > 0)
            {
                Volatile.Write(ref _lastCall, running); // after what was stopped: a thread that sees it sees that, too
            }
        }
    }
}
