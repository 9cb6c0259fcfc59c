using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Decides which torrent is looked up in the DHT when: those with a blocked reader at once, those without metadata before the others, and of the others one a
/// second. One timer for all of them, off while nothing is due. Safe for use by many threads.</summary>
internal sealed class LookupQueue : IDisposable
{
    /// <summary>Lookups at once; torrents with a blocked reader may have as many again.</summary>
    public const int MaxRunning = 12;

    /// <summary>Of them, lookups of torrents that nothing waits for.</summary>
    public const int MaxRegular = 3;

    /// <summary>In all torrents there is one announce in this time.</summary>
    public static readonly TimeSpan AnnounceEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxAnnounceWait = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _origin;
    private readonly Lock _lock = new();

    // Guarded by _lock. Entries of a source that was set anew, or has been started meanwhile, are skipped when they come up.
    private readonly PriorityQueue<(DhtPeerSource Source, int Version), TimeSpan> _due = new();
    private readonly PriorityQueue<(DhtPeerSource Source, int Version, PeerUrgency Urgency), (int Urgency, long Order)> _ready = new();
    private TimeSpan? _timerSetFor;
    private TimeSpan _nextAnnounce;
    private long _order;
    private int _running;
    private int _runningRegular;
    private bool _isDisposed;

    /// <param name="time">The clock.</param>
    /// <param name="logger">For errors that are not expected.</param>
    public LookupQueue(TimeProvider time, ILogger logger)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _timer = Background.CreateTimer(time, "timer of DHT lookups", logger, Fire);
    }

    public TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>A source is to be looked up at this time, or sooner when that was said before and <paramref name="isSooner"/> is set.</summary>
    public void Set(DhtPeerSource source, TimeSpan due, bool isSooner)
    {
        lock (_lock)
        {
            if (_isDisposed || source.IsQueuedRunning || (isSooner && source.QueuedFor <= due && !source.IsReady))
            {
                return;
            }

            source.QueuedFor = due;
            source.IsReady = false;
            _due.Enqueue((source, ++source.Version), due);
            SetTimer();
        }
    }

    /// <summary>A source does not look any more.</summary>
    public void Remove(DhtPeerSource source)
    {
        lock (_lock)
        {
            source.Version++;
            source.QueuedFor = null;
            source.IsReady = false;
        }
    }

    /// <summary>The lookup of a source has ended.</summary>
    public void Ended(DhtPeerSource source)
    {
        List<(DhtPeerSource Source, TimeSpan? AnnounceIn)> begin;
        lock (_lock)
        {
            if (!source.IsQueuedRunning)
            {
                return;
            }

            source.IsQueuedRunning = false;
            _running--;
            _runningRegular -= source.RunsAs == PeerUrgency.Regular ? 1 : 0;
            begin = TakeReady();
            SetTimer();
        }

        Begin(begin);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _due.Clear();
            _ready.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        List<(DhtPeerSource Source, int Version)> due = [];
        lock (_lock)
        {
            _timerSetFor = null;
            while (_due.TryPeek(out var entry, out var at) && at <= Now)
            {
                _due.Dequeue();
                if (entry.Version == entry.Source.Version)
                {
                    due.Add(entry);
                }
            }
        }

        // Asked outside the lock: torrents have locks of their own.
        var urgencies = due.Select(static entry => entry.Source.AskUrgency()).ToList();
        List<(DhtPeerSource Source, TimeSpan? AnnounceIn)> begin;
        lock (_lock)
        {
            for (var i = 0; i < due.Count; i++)
            {
                var (source, version) = due[i];
                if (version == source.Version)
                {
                    source.QueuedFor = null;
                    if (urgencies[i] is { } urgency)
                    {
                        source.IsReady = true;
                        _ready.Enqueue((source, version, urgency), (-(int)urgency, _order++));
                    }
                }
            }

            begin = TakeReady();
            SetTimer();
        }

        Begin(begin);
    }

    private List<(DhtPeerSource Source, TimeSpan? AnnounceIn)> TakeReady()
    {
        List<(DhtPeerSource, TimeSpan?)> begin = [];
        while (!_isDisposed && _ready.TryPeek(out var entry, out _))
        {
            if (entry.Version != entry.Source.Version)
            {
                _ready.Dequeue();
                continue;
            }

            var now = Now;
            var isRegular = entry.Urgency == PeerUrgency.Regular;
            var most = entry.Urgency == PeerUrgency.Reader ? 2 * MaxRunning : MaxRunning;
            if (_running >= most || (isRegular && (_runningRegular >= MaxRegular || _nextAnnounce > now)))
            {
                break;
            }

            _ready.Dequeue();
            entry.Source.IsReady = false;
            entry.Source.IsQueuedRunning = true;
            entry.Source.RunsAs = entry.Urgency;
            entry.Source.Version++;
            _running++;
            _runningRegular += isRegular ? 1 : 0;
            begin.Add((entry.Source, TakeAnnounce(now)));
        }

        return begin;
    }

    /// <summary>When the torrent may announce, from now; null: not this time.</summary>
    private TimeSpan? TakeAnnounce(TimeSpan now)
    {
        var at = _nextAnnounce > now ? _nextAnnounce : now;
        if (at - now > MaxAnnounceWait)
        {
            return null;
        }

        _nextAnnounce = at + AnnounceEvery;
        return at - now;
    }

    private void Begin(List<(DhtPeerSource Source, TimeSpan? AnnounceIn)> begin)
    {
        foreach (var (source, announceIn) in begin)
        {
            if (!source.Begin(announceIn))
            {
                Ended(source);
            }
        }
    }

    private void SetTimer()
    {
        var due = _due.TryPeek(out _, out var at) ? at : (TimeSpan?)null;
        if (
            _ready.TryPeek(out var head, out _)
            && head.Urgency == PeerUrgency.Regular
            && _runningRegular < MaxRegular
            && _running < MaxRunning
        )
        {
            due = due is { } sooner && sooner < _nextAnnounce ? sooner : _nextAnnounce;
        }

        if (due is { } next && due != _timerSetFor)
        {
            _timerSetFor = due;
            var wait = next - Now;
            _timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);
        }
    }
}
