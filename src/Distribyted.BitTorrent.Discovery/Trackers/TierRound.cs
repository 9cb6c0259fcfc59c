using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Asks the trackers of one tier, one after the other, until one works (BEP 12). Used once; safe for use by many threads.</summary>
/// <remarks>While a reader or magnet waits for peers a slow tracker does not hold up the next one: it may still answer, and then its peers are as
/// good. A tracker whose name is not resolved yet holds it up least: a lookup that is not answered takes 10 s.</remarks>
internal sealed class TierRound
{
    private static readonly TimeSpan FirstNext = TimeSpan.FromSeconds(2); // a reader cannot wait 15 s for a dead tracker
    private static readonly TimeSpan LaterNext = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan NextName = TimeSpan.FromSeconds(0.25);

    private readonly TrackerServices _services;
    private readonly Func<TrackerState, AnnounceTicket, Task<AnnounceAnswer>> _ask;
    private readonly CancellationToken _stop;
    private readonly Lock _lock = new();
    private readonly List<Task<(TrackerState Tracker, AnnounceAnswer Answer)>> _asked = []; // used by RunAsync alone, and after it

    // Guarded by _lock.
    private readonly List<AnnounceTicket> _tickets = [];
    private readonly TaskCompletionSource _hurried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AnnounceUrgency _urgency;

    /// <param name="services">Of the session.</param>
    /// <param name="urgency">What waits for the answer.</param>
    /// <param name="ask">Asks one tracker with this ticket; throws nothing but for <paramref name="stop"/>.</param>
    /// <param name="stop">Ends the round.</param>
    public TierRound(
        TrackerServices services,
        AnnounceUrgency urgency,
        Func<TrackerState, AnnounceTicket, Task<AnnounceAnswer>> ask,
        CancellationToken stop
    )
    {
        _services = services;
        _urgency = urgency;
        _ask = ask;
        _stop = stop;
    }

    /// <summary>After <see cref="RunAsync"/>: trackers that have not answered yet.</summary>
    public IReadOnlyList<Task> Unanswered => _asked;

    private bool IsHurried
    {
        get
        {
            lock (_lock)
            {
                return _urgency > AnnounceUrgency.Regular;
            }
        }
    }

    /// <summary>A reader or magnet waits now: announces in the queue become more urgent, and slow trackers are not waited for any longer.</summary>
    public void Hurry(AnnounceUrgency urgency)
    {
        lock (_lock)
        {
            if (urgency <= _urgency)
            {
                return;
            }

            _urgency = urgency;
            _tickets.ForEach(ticket => _services.Queue.Raise(ticket, urgency));
            _hurried.TrySetResult();
        }
    }

    /// <summary>Asks.</summary>
    /// <param name="trackers">In the order to try.</param>
    /// <returns>The one that worked and its answer; null and the last trouble if none did.</returns>
    public async Task<(TrackerState? Good, AnnounceAnswer Answer)> RunAsync(IReadOnlyList<TrackerState> trackers)
    {
        try
        {
            return await FirstGoodAsync([.. trackers]);
        }
        catch (OperationCanceledException)
        {
            await ((Task)Task.WhenAll(_asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // each notes whether it was heard
            throw;
        }
    }

    private async Task<(TrackerState? Good, AnnounceAnswer Answer)> FirstGoodAsync(List<TrackerState> left)
    {
        var worst = AnnounceAnswer.Failure("asked never to be asked again");
        AnnounceAnswer? soonest = null;
        while (left.Count > 0 || _asked.Count > 0)
        {
            var patience = left.Count > 0 ? AskNext(left) : TimeSpan.Zero;
            if (left.Count > 0 && !await AnyAnsweredAsync(patience))
            {
                continue;
            }

            var done = await Task.WhenAny(_asked);
            _asked.Remove(done);
            var (tracker, answer) = await done;
            if (answer.Trouble is null)
            {
                return (tracker, answer);
            }

            worst = answer with { Trouble = $"{tracker.Host}: {answer.Trouble}" };
            soonest = soonest is null || (answer.RetryIn ?? TimeSpan.Zero) < (soonest.RetryIn ?? TimeSpan.Zero) ? answer : soonest;
        }

        return (null, worst with { RetryIn = soonest?.RetryIn, WasSkipped = soonest?.WasSkipped == true });
    }

    /// <summary>Asks one more, of those whose names are known if there is one, and returns how long to wait for it before the next.</summary>
    private TimeSpan AskNext(List<TrackerState> left)
    {
        var next = 0;
        var isKnown = true;
        if (IsHurried)
        {
            var known = left.ConvertAll(tracker => _services.IsResolved(tracker.Address)); // for all of them: each lookup begins now
            next = Math.Max(0, known.IndexOf(true));
            isKnown = known[next];
        }

        var tracker = left[next];
        left.RemoveAt(next);
        AnnounceTicket ticket;
        lock (_lock)
        {
            ticket = new AnnounceTicket(tracker.Address, _urgency);
            _tickets.Add(ticket);
        }

        _asked.Add(AskAsync(tracker, ticket));
        return !isKnown ? NextName
            : _asked.Count == 1 ? FirstNext
            : LaterNext;
    }

    private async Task<(TrackerState Tracker, AnnounceAnswer Answer)> AskAsync(TrackerState tracker, AnnounceTicket ticket)
    {
        return (tracker, await _ask(tracker, ticket));
    }

    /// <summary>Waits for an answer; with others left to ask and a reader or magnet waiting, not for long.</summary>
    /// <returns>False: none came, ask the next.</returns>
    private async Task<bool> AnyAnsweredAsync(TimeSpan patience)
    {
        var answered = Task.WhenAny(_asked);
        if (!IsHurried && await Task.WhenAny(answered, _hurried.Task) == answered)
        {
            return true;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        var first = await Task.WhenAny(answered, Task.Delay(patience, _services.Time, over.Token));
        await over.CancelAsync();
        return first == answered;
    }
}
