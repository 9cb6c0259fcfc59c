using System.Net;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;
using Microsoft.Extensions.Time.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.Trackers.Announcing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>Which trackers of a tier are asked, one after the other, and what the round says in the end. They answer when the test says so.</summary>
[CancelAfter(60_000)]
internal sealed class TierRoundTests
{
    private static readonly AnnounceAnswer Good = new() { Interval = TimeSpan.FromMinutes(30) };

    // Seconds that each tracker names; 0: it names none. A "s" behind: it was skipped.
    [TestCase("600 60 300", 60, false)]
    [TestCase("60 600 300", 60, false)]
    [TestCase("600 300 60", 60, false)]
    [TestCase("600 0 300", null, false)]
    [TestCase("0 600", null, false)]
    [TestCase("600 30s", 30, true)]
    [TestCase("30 600s", 30, false)]
    [TestCase("60s 600", 60, true)]
    public async Task When_none_works_the_one_that_may_be_asked_first_says_when(string answers, int? retryIn, bool wasSkipped)
    {
        await using var bed = new Bed(AnnounceUrgency.Regular, answers.Split(' ').Length);
        foreach (var (tracker, text) in bed.Trackers.Zip(answers.Split(' ')))
        {
            var seconds = TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s')));
            bed.Answer(
                tracker,
                text.EndsWith('s')
                    ? AnnounceAnswer.Skipped(seconds)
                    : AnnounceAnswer.Failure("busy", seconds == TimeSpan.Zero ? null : seconds)
            );
        }

        var (good, answer) = await bed.RunAsync();

        Assert.That(good, Is.Null);
        Assert.That(answer.RetryIn, Is.EqualTo(retryIn is { } expected ? TimeSpan.FromSeconds(expected) : null));
        Assert.That(answer.WasSkipped, Is.EqualTo(wasSkipped));
        Assert.That(answer.Trouble, Does.StartWith(bed.Trackers[^1].Host + ": "));
        Assert.That(bed.Asked, Is.EqualTo(bed.Trackers), "in their order");
    }

    [Test]
    public async Task The_first_that_works_ends_the_round()
    {
        await using var bed = new Bed(AnnounceUrgency.Reader, 3);
        bed.Answer(bed.Trackers[0], AnnounceAnswer.Failure("busy"));
        bed.Answer(bed.Trackers[1], Good);

        var (good, answer) = await bed.RunAsync();

        Assert.That(good, Is.SameAs(bed.Trackers[1]));
        Assert.That(answer, Is.SameAs(Good));
        Assert.That(bed.Asked, Is.EqualTo(bed.Trackers.Take(2)));
        Assert.That(bed.Round.Unanswered, Is.Empty);
    }

    [Test]
    public async Task For_a_reader_a_slow_tracker_holds_the_next_one_up_for_two_seconds_and_then_half_a_second(
        CancellationToken cancellationToken
    )
    {
        await using var bed = new Bed(AnnounceUrgency.Reader, 3);

        var round = bed.RunAsync();
        var second = await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 2, cancellationToken);
        var third = await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 3, cancellationToken);

        Assert.That(second, Is.InRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.4)));
        Assert.That(third, Is.InRange(TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(0.9)));

        // The last one is of no use; the first one answers late, and is as good.
        bed.Answer(bed.Trackers[2], AnnounceAnswer.Failure("busy"));
        await AdvanceSlowlyAsync(bed.Time, () => bed.Round.Unanswered.Count == 2, cancellationToken);
        bed.Answer(bed.Trackers[0], Good);
        Assert.That((await round).Good, Is.SameAs(bed.Trackers[0]));
        Assert.That(bed.Round.Unanswered, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_hurry_the_first_tracker_is_waited_for_and_regular_is_no_hurry(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(AnnounceUrgency.Regular, 2);

        var round = bed.RunAsync();
        bed.Round.Hurry(AnnounceUrgency.Regular);
        var start = bed.Time.GetTimestamp();
        await AdvanceSlowlyAsync(bed.Time, () => bed.Time.GetElapsedTime(start) > TimeSpan.FromSeconds(2.5), cancellationToken);
        Assert.That(bed.Asked, Is.EqualTo(bed.Trackers.Take(1)));

        bed.Round.Hurry(AnnounceUrgency.Pending);
        var second = await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 2, cancellationToken);
        Assert.That(second, Is.InRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.4)), "its name was known");
        Assert.That(bed.Tickets.Select(ticket => ticket.Urgency), Is.EqualTo(new[] { AnnounceUrgency.Regular, AnnounceUrgency.Pending }));
        bed.Answer(bed.Trackers[1], Good);
        Assert.That((await round).Good, Is.SameAs(bed.Trackers[1]));
    }

    [Test]
    public async Task For_a_reader_those_whose_names_are_known_go_first_and_the_others_are_looked_up_meanwhile(
        CancellationToken cancellationToken
    )
    {
        await using var bed = new Bed(AnnounceUrgency.Reader, "a.example", "192.0.2.1", "b.example", "192.0.2.2");

        var round = bed.RunAsync();
        Assert.That(bed.LookedUp, Is.EqualTo(new[] { "a.example", "b.example" }), "from the start");
        await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 3, cancellationToken);
        var last = await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 4, cancellationToken);

        Assert.That(bed.Asked.Select(tracker => tracker.Host), Is.EqualTo(new[] { "192.0.2.1", "192.0.2.2", "a.example", "b.example" }));
        Assert.That(last, Is.InRange(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.4)), "a lookup is waited for least");
        bed.Answer(bed.Trackers[0], Good);
        Assert.That((await round).Good, Is.SameAs(bed.Trackers[0]));
    }

    [Test]
    public async Task Without_hurry_a_name_that_is_not_known_does_not_change_the_order(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(AnnounceUrgency.Regular, "a.example", "192.0.2.1");
        bed.Answer(bed.Trackers[0], Good);

        var (good, _) = await bed.RunAsync().WaitAsync(cancellationToken);

        Assert.That(good, Is.SameAs(bed.Trackers[0]));
        Assert.That(bed.LookedUp, Is.Empty);
    }

    // As many announces as a host is sent at once are in flight; readers have places of their own.
    [Test]
    public async Task A_reader_that_comes_has_the_announce_in_the_queue_sent(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(AnnounceUrgency.Regular, 1) { IsQueued = true };
        var address = bed.Trackers[0].Address;
        var answer = new TaskCompletionSource<AnnounceAnswer>();
        List<Task> others =
        [
            .. Enumerable
                .Range(0, AnnounceQueue.PerHost)
                .Select(_ =>
                    bed.Queue.RunAsync(new AnnounceTicket(address, AnnounceUrgency.Regular), _ => answer.Task, CancellationToken.None)
                ),
        ];
        bed.Answer(bed.Trackers[0], Good);

        var round = bed.RunAsync();
        Assert.That(bed.Tickets.Single().Admission.Task.IsCompleted, Is.False);
        bed.Round.Hurry(AnnounceUrgency.Reader);

        Assert.That((await round.WaitAsync(cancellationToken)).Good, Is.SameAs(bed.Trackers[0]));
        answer.SetResult(Good);
        await Task.WhenAll(others);
    }

    // A tracker that heard us start is told that we stop; whether it did is known when its announce has ended.
    [Test]
    public async Task A_round_that_is_stopped_ends_after_all_that_were_asked(CancellationToken cancellationToken)
    {
        await using var bed = new Bed(AnnounceUrgency.Reader, 2);
        var round = bed.RunAsync();
        await AdvanceSlowlyAsync(bed.Time, () => bed.Asked.Count == 2, cancellationToken);

        bed.Cancel(bed.Trackers[0]);
        Assert.That(round.IsCompleted, Is.False);
        bed.Answer(bed.Trackers[1], Good);

        Assert.That(async () => await round.WaitAsync(cancellationToken), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(cancellationToken.IsCancellationRequested, Is.False);
    }

    private sealed class Bed : IAsyncDisposable
    {
        private readonly TrackerBench _bench;
        private readonly Dictionary<TrackerState, TaskCompletionSource<AnnounceAnswer>> _answers = [];

        public Bed(AnnounceUrgency urgency, int trackers)
            : this(urgency, [.. Enumerable.Range(1, trackers).Select(i => $"192.0.2.{i}")]) { }

        /// <param name="urgency">Of the round.</param>
        /// <param name="hosts">Of the trackers; no name server answers for those that are names.</param>
        public Bed(AnnounceUrgency urgency, params string[] hosts)
        {
            _bench = new TrackerBench(
                time: Time,
                resolve: host =>
                {
                    LookedUp.Add(host);
                    return new TaskCompletionSource<IPAddress[]>().Task;
                }
            );
            Trackers = [.. hosts.Select(host => new TrackerState(new TrackerAddress(new Uri($"udp://{host}:6969"))))];
            Trackers.ForEach(tracker => _answers.Add(tracker, new())); // what follows an answer happens before Answer returns
            Round = new TierRound(_bench.Services, urgency, AskAsync, CancellationToken.None);
        }

        public FakeTimeProvider Time { get; } = new();

        public TierRound Round { get; }

        public List<TrackerState> Trackers { get; }

        public List<TrackerState> Asked { get; } = [];

        public List<AnnounceTicket> Tickets { get; } = [];

        public List<string> LookedUp { get; } = [];

        public AnnounceQueue Queue => _bench.Services.Queue;

        /// <summary>Announces wait in the queue.</summary>
        public bool IsQueued { get; init; }

        public Task<(TrackerState? Good, AnnounceAnswer Answer)> RunAsync()
        {
            return Round.RunAsync(Trackers);
        }

        public void Answer(TrackerState tracker, AnnounceAnswer answer)
        {
            _answers[tracker].SetResult(answer);
        }

        public void Cancel(TrackerState tracker)
        {
            _answers[tracker].SetCanceled();
        }

        public ValueTask DisposeAsync()
        {
            return _bench.DisposeAsync();
        }

        private Task<AnnounceAnswer> AskAsync(TrackerState tracker, AnnounceTicket ticket)
        {
            Tickets.Add(ticket);
            Asked.Add(tracker);
            var answer = _answers[tracker].Task;
            return IsQueued ? Queue.RunAsync(ticket, _ => answer, CancellationToken.None) : answer;
        }
    }
}
