// Longer than most: tiers and events are one state machine under one lock.
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Announces one torrent to its trackers (BEP 3, 12, 27, 31). Every tier is asked; in a tier the first that works is enough.
/// Between rounds it is an entry in the wheel and nothing else. Safe for use by many threads; starts and stops once.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "StopAsync is its end.")]
internal sealed class TrackerAnnouncer : IPeerSource
{
    private const int MaxTrackers = 100; // a magnet may name thousands
    private const int MaxWanted = 200;
    private const int MinWanted = 50; // many of the peers a tracker names are gone
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(10);

    private readonly TrackerServices _services;
    private readonly ISwarmPort _port;
    private readonly uint _key = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
    private readonly double _spread; // 0 to 1, the same for a torrent always: torrents that failed together do not come back together
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly List<TrackerTier> _tiers = [];
    private readonly List<Task> _running = [];
    private bool _isPending;
    private bool _isComplete;
    private bool _started;
    private bool _stopped;
    private string? _trouble; // written under _lock

    /// <param name="services">Of the session.</param>
    /// <param name="port">The torrent. What cannot be asked of its trackers is left out.</param>
    public TrackerAnnouncer(TrackerServices services, ISwarmPort port)
    {
        _services = services;
        _port = port;
        _isPending = !port.HasMetadata;
        _spread = (uint)port.InfoHash.GetHashCode() / (double)uint.MaxValue;
        Take(port.Trackers, isExtra: false);
        if (!port.IsPrivate && services.Options.ExtraTrackers.Count > 0)
        {
            Take([services.Options.ExtraTrackers], isExtra: true);
        }
    }

    /// <inheritdoc/>
    public PeerOrigin Origin => PeerOrigin.Tracker;

    /// <inheritdoc/>
    public string? Trouble => Volatile.Read(ref _trouble);

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

    /// <summary>Asks every tier now, and again when they want it.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_started || _stopped)
            {
                return;
            }

            _started = true;
            foreach (var tier in _tiers)
            {
                _services.Timers.Set(tier.Alarm, TimeSpan.Zero);
            }
        }

        Say();
    }

    /// <inheritdoc/>
    /// <remarks>An announce that waits for its turn becomes as urgent as the torrent is now.</remarks>
    public void WantPeers()
    {
        var urgency = (AnnounceUrgency)_port.Urgency; // asked outside the lock: the torrent has locks of its own
        lock (_lock)
        {
            foreach (var tier in _tiers)
            {
                AskBy(tier, tier.Times.SoonestFor(urgency) - _services.Time.GetElapsedTime(tier.Asked), urgency);
            }
        }
    }

    /// <inheritdoc/>
    public void Changed(SwarmChange change)
    {
        switch (change)
        {
            case SwarmChange.Metadata:
            case SwarmChange.Trackers:
                UpdateTrackers();
                break;
            case SwarmChange.Completed:
                Completed();
                break;
            case SwarmChange.NetworkReturned:
            case SwarmChange.PresenceLost:
                NetworkChanged(all: change == SwarmChange.PresenceLost);
                break;
        }
    }

    /// <summary>Ends announcing and says <c>stopped</c> to the trackers that know us, as far as 10 s and the token leave time. Throws nothing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            _tiers.ForEach(tier => _services.Timers.Clear(tier.Alarm));
            running = [.. _running];
        }

        await _stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TrackerState[] told;
        lock (_lock)
        {
            told = [.. _tiers.SelectMany(tier => tier.Trackers).Where(tracker => tracker.KnowsUs)];
        }

        using var deadline = new CancellationTokenSource(FarewellTime, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await Task.WhenAll(told.Select(tracker => FarewellAsync(tracker, either.Token)));
        _stop.Dispose();
    }

    /// <summary>Adds trackers that are not known yet, each tier as one of its own. A private torrent (BEP 27) leaves those that it may not have:
    /// the extra ones, and those that its file no longer names.</summary>
    private void UpdateTrackers()
    {
        var (trackers, isPrivate, isPending) = (_port.Trackers, _port.IsPrivate, !_port.HasMetadata);
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _isPending = isPending;
            if (isPrivate)
            {
                var allowed = trackers.SelectMany(static tier => tier).Select(_services.Find).ToHashSet();
                foreach (var tier in _tiers.ToList())
                {
                    Leave(tier, [.. tier.Trackers.Where(tracker => tier.IsExtra || !allowed.Contains(tracker.Address))]);
                }
            }

            var before = _tiers.Count;
            Take(trackers, isExtra: false);
            for (var i = before; i < _tiers.Count && _started; i++)
            {
                _services.Timers.Set(_tiers[i].Alarm, TimeSpan.Zero);
            }
        }

        Say();
    }

    /// <summary>Takes trackers out of a tier; those that know us are told <c>stopped</c>. Under the lock.</summary>
    private void Leave(TrackerTier tier, List<TrackerState> left)
    {
        foreach (var tracker in left)
        {
            tier.Trackers.Remove(tracker);
            if (tracker.KnowsUs)
            {
                Run(() => FarewellAsync(tracker, _stop.Token));
            }
        }

        if (tier.Trackers.Count == 0)
        {
            _services.Timers.Clear(tier.Alarm);
            _tiers.Remove(tier);
        }
    }

    /// <summary>The last piece came: trackers that saw us start are told at once, those that are being told so right now afterwards.</summary>
    private void Completed()
    {
        lock (_lock)
        {
            _isComplete = true;
            foreach (var tier in _tiers.Where(tier => tier.Round is not null || Owes(tier)))
            {
                AskBy(tier, TimeSpan.Zero, AnnounceUrgency.Regular);
            }
        }
    }

    /// <summary>This machine was away, or has another address: trackers are asked now. Once; their intervals go on from there.</summary>
    /// <param name="all">Whether those that answered last time are asked, too: they may know an address of ours that is gone.</param>
    private void NetworkChanged(bool all)
    {
        var urgency = (AnnounceUrgency)_port.Urgency;
        lock (_lock)
        {
            foreach (var tier in _tiers.Where(tier => all || tier.Trouble is not null))
            {
                AskBy(tier, TimeSpan.Zero, urgency);
            }
        }
    }

    /// <summary>Takes what can be asked; called under the lock, or from the constructor.</summary>
    private void Take(IReadOnlyList<IReadOnlyList<string>> tiers, bool isExtra)
    {
        var leftOut = 0;
        foreach (var urls in tiers)
        {
            TrackerTier? tier = null;
            foreach (var url in urls)
            {
                if (_services.Find(url) is not { } address || _tiers.Sum(one => one.Trackers.Count) >= MaxTrackers)
                {
                    leftOut++;
                }
                else if (!_tiers.Exists(one => one.Trackers.Exists(known => known.Address.Uri == address.Uri)))
                {
                    if (tier is null)
                    {
                        TrackerTier? self = null;
                        self = tier = new TrackerTier(new AnnounceTimers.Timer(() => Due(self!)), isExtra);
                        _tiers.Add(tier);
                    }

                    tier.Trackers.Add(new TrackerState(address));
                }
            }

            if (tier is not null)
            {
                Random.Shared.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tier.Trackers)); // BEP 12
            }
        }

        if (leftOut > 0)
        {
            _services.Logger.TrackersLeftOut(_port.InfoHash, leftOut);
        }
    }

    private bool Owes(TrackerTier tier)
    {
        return tier.Trackers.Exists(tracker => tracker.OwesCompleted(_isComplete));
    }

    private void AskBy(TrackerTier tier, TimeSpan delay, AnnounceUrgency urgency)
    {
        if (!_started || _stopped || tier.Trackers.TrueForAll(tracker => tracker.SaidNever))
        {
            return;
        }

        if (tier.Round is { } round)
        {
            round.Hurry(urgency);
            tier.AskAgain = tier.AskAgain > urgency ? tier.AskAgain : urgency;
        }
        else if (delay < tier.Next - _services.Time.GetElapsedTime(tier.Asked))
        {
            tier.Next = delay + _services.Time.GetElapsedTime(tier.Asked);
            _services.Timers.Set(tier.Alarm, delay);
        }
    }

    private void Due(TrackerTier tier)
    {
        var urgency = (AnnounceUrgency)_port.Urgency; // asked outside the lock: the torrent has locks of its own
        lock (_lock)
        {
            if (_stopped || tier.Round is not null || !_tiers.Contains(tier))
            {
                return;
            }

            if (AllRest(tier, urgency) is { } left)
            {
                Rest(tier, TierTimes.Failed(AnnounceAnswer.Skipped(left), tier.Times.Fruitless, _isPending, _spread));
                return;
            }

            var round = new TierRound(_services, urgency, AskAsync, _stop.Token);
            tier.Round = round;
            List<TrackerState> trackers = [.. tier.Trackers.Where(tracker => !tracker.SaidNever)];
            Run(() => AskTierAsync(tier, round, trackers));
        }
    }

    /// <summary>How long until one of a tier's trackers may be asked, when others just found out that none answers. Under the lock.</summary>
    private TimeSpan? AllRest(TrackerTier tier, AnnounceUrgency urgency)
    {
        if (tier.Trouble is null)
        {
            return null; // what nobody heard of yet is told by a real try
        }

        TimeSpan? least = null;
        foreach (var tracker in tier.Trackers.Where(tracker => !tracker.SaidNever))
        {
            if (_services.Queue.SilentFor(tracker.Address, urgency) is not { } rest)
            {
                return null;
            }

            least = least < rest ? least : rest;
        }

        return least;
    }

    /// <summary>Runs something that <see cref="StopAsync"/> waits for; called under the lock, begins without it.</summary>
    private void Run(Func<Task> work)
    {
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
            if (good is not null)
            {
                Worked(tier, good, answer);
            }
            else
            {
                Failed(tier, answer);
            }

            Say();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception e)
        {
            Failed(tier, AnnounceAnswer.Failure($"cannot be asked ({e.GetType().Name})")); // else it would be busy for ever
            Say();
        }
    }

    private async Task<AnnounceAnswer> AskAsync(TrackerState tracker, AnnounceTicket ticket)
    {
        AnnounceEvent told;
        lock (_lock)
        {
            told = tracker.NextEvent(_isComplete);
        }

        AnnounceRequest? request = null;
        AnnounceAnswer answer;
        try
        {
            answer = await _services.Queue.RunAsync(
                ticket,
                token =>
                {
                    request = Request(tracker, told, ticket.Urgency);
                    return _services.AskAsync(tracker.Address.Uri, request, token);
                },
                _stop.Token
            );
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                tracker.KnowsUs |= told == AnnounceEvent.Started; // it may have heard us
            }

            throw;
        }

        if (answer.Trouble is { } trouble)
        {
            answer = answer with { Trouble = TrackerMessages.WithoutSecrets(trouble, tracker.Address.Uri) };
            lock (_lock)
            {
                tracker.SaidNever |= answer.RetryIn == TimeSpan.MaxValue;
            }

            _services.Logger.AnnounceFailed(_port.InfoHash, tracker.Host, answer.Trouble);
            return answer;
        }

        lock (_lock)
        {
            tracker.Heard(told, request!.Left);
            tracker.TrackerId = answer.TrackerId ?? tracker.TrackerId;
        }

        HandOver(tracker, answer);
        if (answer.Other is { } other)
        {
            lock (_lock)
            {
                Run(async () => HandOver(tracker, await other));
            }
        }

        return answer;
    }

    private AnnounceRequest Request(TrackerState tracker, AnnounceEvent told, AnnounceUrgency urgency)
    {
        var (downloaded, uploaded, left) = _port.Progress;
        // Who has all the connections it may have, and still a blocked reader, has the wrong peers.
        var wanted = urgency == AnnounceUrgency.Stopped ? 0 : Math.Max(_port.WantedPeers, urgency == AnnounceUrgency.Reader ? 1 : 0);
        return new AnnounceRequest(
            _port.InfoHash,
            _services.PeerId,
            _port.ListenPort,
            uploaded,
            downloaded,
            left,
            told,
            wanted <= 0 ? 0 : Math.Clamp(wanted * 2, MinWanted, MaxWanted),
            _key,
            tracker.TrackerId
        );
    }

    private void HandOver(TrackerState tracker, AnnounceAnswer answer)
    {
        if (answer.Peers.Count == 0)
        {
            return;
        }

        var peers = answer.Peers.Where(peer => _services.Guard.MayDial(peer, answer.Server, webPorts: true)).ToList();
        if (peers.Count < answer.Peers.Count)
        {
            _services.Logger.PeersRefused(_port.InfoHash, tracker.Host, answer.Peers.Count - peers.Count);
        }

        if (peers.Count > 0)
        {
            _port.AddPeers(peers, PeerOrigin.Tracker);
        }
    }

    private void Worked(TrackerTier tier, TrackerState tracker, AnnounceAnswer answer)
    {
        lock (_lock)
        {
            foreach (var late in tier.Round!.Unanswered)
            {
                Run(() => late);
            }

            if (tier.Trackers.Remove(tracker))
            {
                tier.Trackers.Insert(0, tracker); // BEP 12
            }

            tier.Works = true;
            tier.Trouble = null;
            var isAlone = answer.Peers.All(peer => peer.Port == _port.ListenPort);
            Rest(tier, TierTimes.Worked(answer, tier.Times.Fruitless, _isPending, isAlone, _spread));
            _services.Logger.Announced(_port.InfoHash, tracker.Host, answer.Peers.Count, tier.Next);
        }
    }

    private void Failed(TrackerTier tier, AnnounceAnswer answer)
    {
        lock (_lock)
        {
            tier.Works = false;
            tier.Trouble = answer.Trouble;
            if (tier.Trackers.TrueForAll(tracker => tracker.SaidNever))
            {
                tier.Round = null;
                return;
            }

            Rest(tier, TierTimes.Failed(answer, tier.Times.Fruitless, _isPending, _spread));
            _services.Logger.TierFailed(_port.InfoHash, tier.Next);
        }
    }

    /// <summary>The round is over; the next one is due in so long, or sooner when somebody asked meanwhile. Under the lock.</summary>
    private void Rest(TrackerTier tier, TierTimes times)
    {
        tier.Asked = _services.Time.GetTimestamp();
        tier.Times = times;
        tier.Round = null;
        if (_stopped)
        {
            return;
        }

        tier.Next = times.Next;
        if (tier.AskAgain is { } urgency)
        {
            tier.AskAgain = null;
            var soonest = Owes(tier) ? TimeSpan.Zero : times.SoonestFor(urgency);
            tier.Next = soonest < times.Next ? soonest : times.Next;
        }

        _services.Timers.Set(tier.Alarm, tier.Next);
    }

    private async Task FarewellAsync(TrackerState tracker, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _services.Queue.RunAsync(
                new AnnounceTicket(tracker.Address, AnnounceUrgency.Stopped),
                token => _services.AskAsync(tracker.Address.Uri, Request(tracker, AnnounceEvent.Stopped, AnnounceUrgency.Stopped), token),
                cancellationToken
            );
            if (answer.Other is { } other)
            {
                await other;
            }

            lock (_lock)
            {
                tracker.KnowsUs = false;
            }
        }
        catch (OperationCanceledException)
        {
            _services.Logger.FarewellCutShort(_port.InfoHash);
        }
    }

    /// <summary>Notes how the trackers do: nothing while one works, else the first trouble.</summary>
    private void Say()
    {
        lock (_lock)
        {
            Volatile.Write(
                ref _trouble,
                _tiers.Count == 0 ? "no tracker is known that can be asked"
                    : _tiers.Exists(tier => tier.Works) ? null
                    : _tiers.Find(tier => tier.Trouble is not null)?.Trouble
            );
        }
    }
}
