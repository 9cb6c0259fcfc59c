using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Announces one torrent to its trackers, as its <see cref="TierSchedule"/> says. Between rounds it is one timer and nothing else.
/// Safe for use by many threads; starts and stops once.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "StopAsync is its end.")]
internal sealed class TrackerAnnouncer : IPeerSource
{
    private static readonly TimeSpan StoppedTime = TimeSpan.FromSeconds(10);

    private readonly TrackerServices _services;
    private readonly ISwarmPort _port;
    private readonly AnnounceSender _sender;
    private readonly AnnounceTimers.Timer _timer;
    private readonly long _origin;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly TierSchedule _schedule;
    private readonly Dictionary<TrackerTier, TierRound> _rounds = [];
    private readonly List<Task> _running = [];
    private TimeSpan? _timerSetFor;
    private bool _isStopped;
    private string? _trouble; // read without it

    /// <param name="services">Of the session.</param>
    /// <param name="port">The torrent. What cannot be asked of its trackers is left out.</param>
    public TrackerAnnouncer(TrackerServices services, ISwarmPort port)
    {
        _services = services;
        _port = port;
        _sender = new AnnounceSender(services, port);
        _timer = new AnnounceTimers.Timer(AskDue);
        _origin = services.Time.GetTimestamp();
        var spread = (uint)port.InfoHash.GetHashCode() / (double)uint.MaxValue;
        _schedule = new TierSchedule(spread, Random.Shared) { IsPending = !port.HasMetadata };
        lock (_lock)
        {
            Add(port.Trackers, isExtra: false);
            AddExtra(port.IsPrivate);
        }
    }

    /// <inheritdoc/>
    public PeerOrigin Origin => PeerOrigin.Tracker;

    /// <inheritdoc/>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <inheritdoc/>
    public SwarmSize? Size
    {
        get
        {
            lock (_lock)
            {
                return _schedule.Size;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TrackerReport> Trackers
    {
        get
        {
            lock (_lock)
            {
                return [.. TierReports.Of(_schedule.Tiers, Now)];
            }
        }
    }

    /// <summary>Whether nothing is being asked or told right now.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _running.Count == 0;
            }
        }
    }

    private TimeSpan Now => _services.Time.GetElapsedTime(_origin);

    /// <inheritdoc/>
    public void Start()
    {
        lock (_lock)
        {
            _schedule.Start(Now);
            ScheduleChanged();
        }
    }

    /// <inheritdoc/>
    /// <remarks>An announce that waits in the queue becomes as urgent as the torrent is now.</remarks>
    public void WantPeers()
    {
        var urgency = (AnnounceUrgency)_port.Urgency; // asked outside the lock: the torrent has locks of its own
        lock (_lock)
        {
            _schedule.Want(urgency, Now);
            Hurry(urgency);
            ScheduleChanged();
        }
    }

    /// <inheritdoc/>
    public void Changed(SwarmChange change)
    {
        var urgency = (AnnounceUrgency)_port.Urgency;
        var (trackers, isPrivate, isPending) = (_port.Trackers, _port.IsPrivate, !_port.HasMetadata);
        lock (_lock)
        {
            switch (_isStopped ? null : (SwarmChange?)change)
            {
                case SwarmChange.Metadata or SwarmChange.Trackers:
                    _schedule.IsPending = isPending;
                    Update(trackers, isPrivate);
                    break;
                case SwarmChange.Completed:
                    _schedule.Completed(Now);
                    break;
                case SwarmChange.NetworkReturned or SwarmChange.PresenceLost:
                    _schedule.Returned(all: change == SwarmChange.PresenceLost, urgency, Now);
                    Hurry(urgency);
                    break;
            }

            ScheduleChanged();
        }
    }

    /// <summary>Ends announcing and sends <c>stopped</c> to the trackers that acknowledged us, as far as 10 s and the token leave time. Throws nothing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
            _schedule.Stop();
            ScheduleChanged();
            running = [.. _running];
        }

        await _stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TrackerState[] announced;
        lock (_lock)
        {
            announced = [.. _schedule.Announced];
        }

        using var deadline = new CancellationTokenSource(StoppedTime, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await Task.WhenAll(announced.Select(tracker => SendStoppedAsync(tracker, either.Token)));
        _stop.Dispose();
    }

    private void Update(IReadOnlyList<IReadOnlyList<string>> trackers, bool isPrivate)
    {
        if (isPrivate)
        {
            var named = trackers
                .SelectMany(static tier => tier)
                .Select(_services.Find)
                .OfType<TrackerAddress>()
                .Select(a => a.Uri)
                .ToHashSet();
            foreach (var tracker in _schedule.KeepOnly(named))
            {
                Run(() => SendStoppedAsync(tracker, _stop.Token));
            }
        }

        Add(trackers, isExtra: false);
        AddExtra(isPrivate);
    }

    private void AddExtra(bool isPrivate)
    {
        if (!isPrivate && _services.ExtraTrackers() is { Count: > 0 } extra)
        {
            Add([extra], isExtra: true);
        }
    }

    private void Add(IReadOnlyList<IReadOnlyList<string>> tiers, bool isExtra)
    {
        var found = tiers.Select(urls => urls.Select(_services.Find).ToList()).ToList();
        var leftOut = found.Sum(static tier => tier.Count(static address => address is null));
        leftOut += _schedule.Add(found.Select(static tier => tier.OfType<TrackerAddress>()), isExtra, Now);
        if (leftOut > 0)
        {
            _services.Logger.TrackersLeftOut(_port.InfoHash, leftOut);
        }
    }

    /// <summary>Brings the timer and the trouble that is shown up to date.</summary>
    private void ScheduleChanged()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        Volatile.Write(ref _trouble, _schedule.Trouble);
        if (_schedule.NextDue is not { } due)
        {
            _timerSetFor = null;
            _services.Timers.Clear(_timer);
        }
        else if (due != _timerSetFor)
        {
            _timerSetFor = due;
            _services.Timers.Set(_timer, due - Now);
        }
    }

    private void Hurry(AnnounceUrgency urgency)
    {
        foreach (var round in _rounds.Values)
        {
            round.Hurry(urgency);
        }
    }

    private void AskDue()
    {
        var urgency = (AnnounceUrgency)_port.Urgency; // asked outside the lock: the torrent has locks of its own
        lock (_lock)
        {
            _timerSetFor = null;
            foreach (var (tier, trackers) in _schedule.TakeDue(Now, address => _services.Queue.SilentFor(address, urgency)))
            {
                var round = new TierRound(_services, urgency, AskAsync, _stop.Token);
                _rounds[tier] = round;
                Run(() => AskTierAsync(tier, round, trackers));
            }

            ScheduleChanged();
        }
    }

    /// <summary>Runs something that <see cref="StopAsync"/> waits for; called under the lock, begins without it.</summary>
    private void Run(Func<Task> work)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running.Add(done.Task);
        Background.Forget("announcer", _services.Logger, Task.Run(() => RunAsync(work, done)));
    }

    private async Task RunAsync(Func<Task> work, TaskCompletionSource done)
    {
        try
        {
            await work();
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(done.Task);
            }

            done.SetResult();
        }
    }

    private async Task AskTierAsync(TrackerTier tier, TierRound round, IReadOnlyList<TrackerState> trackers)
    {
        try
        {
            var (good, answer) = await round.RunAsync(trackers);
            RoundEnded(tier, round, good, answer);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception e)
        {
            // Without an end of the round the tier would never be asked again.
            RoundEnded(tier, round, null, AnnounceAnswer.Failure($"cannot be asked ({e.GetType().Name})"));
        }
    }

    private void RoundEnded(TrackerTier tier, TierRound round, TrackerState? good, AnnounceAnswer answer)
    {
        lock (_lock)
        {
            _rounds.Remove(tier);
            if (good is null)
            {
                _schedule.Failed(tier, answer, Now);
                _services.Logger.TierFailed(_port.InfoHash, tier.Due - tier.Asked ?? Timeout.InfiniteTimeSpan);
            }
            else
            {
                foreach (var late in round.Unanswered)
                {
                    Run(() => late);
                }

                var ports = _port.Ports;
                var isAlone = answer.Peers.All(peer => peer.Port == (peer.IsIPv6 ? ports.IPv6 : ports.IPv4));
                _schedule.Worked(tier, good, answer, isAlone, Now);
                _services.Logger.Announced(_port.InfoHash, good.Host, answer.Peers.Count, tier.Due - tier.Asked ?? TimeSpan.Zero);
            }

            ScheduleChanged();
        }
    }

    private async Task<AnnounceAnswer> AskAsync(TrackerState tracker, AnnounceTicket ticket)
    {
        AnnounceEvent told;
        lock (_lock)
        {
            told = _schedule.NextEvent(tracker);
        }

        try
        {
            var (answer, left) = await _sender.SendAsync(tracker, told, ticket, _stop.Token);
            if (answer.Trouble is { } trouble)
            {
                Refused(tracker, answer, trouble);
            }
            else
            {
                Acknowledged(tracker, told, left, answer);
                _sender.HandOver(tracker, answer);
            }

            return answer;
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                TierSchedule.MayHaveHeard(tracker, told);
            }

            throw;
        }
    }

    private void Refused(TrackerState tracker, AnnounceAnswer answer, string trouble)
    {
        lock (_lock)
        {
            TierSchedule.Refused(tracker, answer.RetryIn);
        }

        _services.Logger.AnnounceFailed(_port.InfoHash, tracker.Host, trouble);
    }

    private void Acknowledged(TrackerState tracker, AnnounceEvent told, long left, AnnounceAnswer answer)
    {
        bool isNewWarning;
        lock (_lock)
        {
            isNewWarning = answer.Warning is not null && answer.Warning != tracker.Warning;
            if (TierSchedule.Acknowledged(tracker, told, left, answer))
            {
                Run(() => SendStoppedAsync(tracker, _stop.Token));
            }

            if (answer.Other is { } other)
            {
                Run(async () => _sender.HandOver(tracker, await other));
            }

            if (answer.Size is null && told != AnnounceEvent.Stopped)
            {
                Run(() => ScrapeAsync(tracker));
            }
        }

        if (isNewWarning)
        {
            _services.Logger.TrackerWarns(_port.InfoHash, tracker.Host, answer.Warning!);
        }
    }

    /// <summary>Asks a tracker whose answers do not count peers for the counts, once for each of its answers (BEP 48).</summary>
    private async Task ScrapeAsync(TrackerState tracker)
    {
        try
        {
            if (await _services.ScrapeAsync(tracker.Address.Uri, _port.InfoHash, _stop.Token) is { } size)
            {
                lock (_lock)
                {
                    tracker.Size = size;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task SendStoppedAsync(TrackerState tracker, CancellationToken cancellationToken)
    {
        try
        {
            await _sender.SendStoppedAsync(tracker, cancellationToken);
            lock (_lock)
            {
                TierSchedule.Stopped(tracker);
            }
        }
        catch (OperationCanceledException)
        {
            _services.Logger.StoppedCutShort(_port.InfoHash);
        }
    }
}
