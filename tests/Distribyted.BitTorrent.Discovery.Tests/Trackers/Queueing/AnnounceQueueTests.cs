using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Queueing;

internal sealed class AnnounceQueueTests
{
    private static readonly AnnounceAnswer Good = new();

    [Test, CancelAfter(60_000)]
    public async Task At_most_eight_announces_are_in_flight_to_one_host(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);

        var asked = host.Ask(20, cancellationToken);
        await host.WaitForAsync(8, cancellationToken);
        Assert.That(host.Begun, Is.EqualTo(8));

        host.Answer(Good);
        await Task.WhenAll(asked);
        Assert.That((host.Begun, host.Most), Is.EqualTo((20, 8)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_host_that_never_answers_delays_no_other(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var dead = new Host("udp://dead.example:1/announce", queue);
        var alive = new Host("udp://alive.example:1/announce", queue);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        var waiting = dead.Ask(1000, over.Token);
        alive.Answer(Good);
        await Task.WhenAll(alive.Ask(30, cancellationToken));

        Assert.That((dead.Begun, alive.Begun), Is.EqualTo((8, 30)));
        await over.CancelAsync();
        Assert.That(async () => await Task.WhenAll(waiting), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task At_most_fifty_announces_a_second_leave_in_all(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        using var queue = new AnnounceQueue(time);
        var hosts = Enumerable.Range(0, 200).Select(i => new Host($"http://h{i}.example/announce", queue)).ToArray();
        foreach (var host in hosts)
        {
            host.Answer(Good);
        }

        var asked = hosts.SelectMany(host => host.Ask(1, cancellationToken)).ToArray();
        await Task.WhenAll(asked.Take(50)).WaitAsync(cancellationToken);
        Assert.That(asked.Count(task => task.IsCompleted), Is.EqualTo(50));

        for (var tenth = 0; tenth < 10; tenth++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await Task.WhenAll(asked.Take(100)).WaitAsync(cancellationToken);
        Assert.That(hosts.Sum(host => host.Begun), Is.EqualTo(100));
        for (var tenth = 0; tenth < 20; tenth++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await Task.WhenAll(asked);
    }

    [Test, CancelAfter(60_000)]
    public async Task Stopped_does_not_wait_for_the_rate(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var hosts = Enumerable.Range(0, 200).Select(i => new Host($"http://h{i}.example/announce", queue)).ToArray();
        foreach (var host in hosts)
        {
            host.Answer(Good);
        }

        await Task.WhenAll(hosts.SelectMany(host => host.Ask(1, cancellationToken, AnnounceUrgency.Stopped)));

        Assert.That(hosts.Sum(host => host.Begun), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_waits_for_peers_goes_first(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var first = new Host("http://a.example/announce", queue);
        var regular = new Host("http://a.example/announce", queue);
        var pending = new Host("http://a.example/announce", queue);
        List<Task> asked = [.. first.Ask(8, cancellationToken)];
        await first.WaitForAsync(8, cancellationToken);
        asked.AddRange(regular.Ask(1, cancellationToken));
        asked.AddRange(pending.Ask(8, cancellationToken, AnnounceUrgency.Pending));

        first.Answer(Good);
        await pending.WaitForAsync(8, cancellationToken);
        Assert.That(regular.Begun, Is.Zero, "all eight places at the tracker's host are taken");

        pending.Answer(Good);
        regular.Answer(Good);
        await Task.WhenAll(asked);
        Assert.That(regular.Begun, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_blocked_reader_goes_before_fifteen_hundred_pending_magnets(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var magnets = new Host("http://a.example/announce", queue);
        var reader = new Host("http://a.example/announce", queue);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = magnets.Ask(1500, over.Token, AnnounceUrgency.Pending);
        await magnets.WaitForAsync(8, cancellationToken);

        reader.Answer(Good);
        await reader.Ask(1, cancellationToken, AnnounceUrgency.Reader)[0];

        Assert.That(magnets.Begun, Is.EqualTo(8), "no answer was waited for, and no time has passed");
        await over.CancelAsync();
        Assert.That(async () => await Task.WhenAll(pending), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task A_blocked_reader_goes_before_the_rate(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var hosts = Enumerable.Range(0, 200).Select(i => new Host($"http://h{i}.example/announce", queue)).ToArray();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = hosts.SelectMany(host => host.Ask(1, over.Token, AnnounceUrgency.Pending)).ToArray();
        var reader = new Host("http://a.example/announce", queue);

        reader.Answer(Good);
        await Task.WhenAll(reader.Ask(10, cancellationToken, AnnounceUrgency.Reader));

        Assert.That(hosts.Sum(host => host.Begun), Is.EqualTo(50), "no time has passed");
        await over.CancelAsync();
        Assert.That(async () => await Task.WhenAll(pending), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task An_announce_that_waits_goes_first_when_a_reader_comes_to_need_it(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = host.Ask(100, over.Token, AnnounceUrgency.Pending);
        await host.WaitForAsync(8, cancellationToken);
        var ticket = new AnnounceTicket(host.Address, AnnounceUrgency.Regular);
        var answer = queue.RunAsync(ticket, _ => Task.FromResult(Good), cancellationToken);
        Assert.That(answer.IsCompleted, Is.False);

        queue.Raise(ticket, AnnounceUrgency.Reader);

        Assert.That(await answer, Is.SameAs(Good));
        await over.CancelAsync();
        Assert.That(async () => await Task.WhenAll(pending), Throws.InstanceOf<OperationCanceledException>());
        host.Answer(Good);
        await Task.WhenAll(host.Ask(20, cancellationToken));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_tracker_that_answers_badly_about_one_torrent_is_asked_about_others(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);
        host.Answer(AnnounceAnswer.Failure("HTTP 500"));

        await Task.WhenAll(host.Ask(20, cancellationToken));

        Assert.That(host.Begun, Is.EqualTo(20));
    }

    [Test, CancelAfter(60_000)]
    public async Task No_tracker_silent_when_our_own_network_has_changed(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);
        host.Answer(AnnounceAnswer.Silence("does not answer"));
        await Task.WhenAll(host.Ask(1, cancellationToken));

        queue.ForgetSilent();
        await Task.WhenAll(host.Ask(1, cancellationToken));

        Assert.That(host.Begun, Is.EqualTo(2));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_just_did_not_answer_is_not_asked_by_others_until_its_pause_is_over(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        using var queue = new AnnounceQueue(time);
        var host = new Host("http://a.example/announce", queue);
        host.Answer(AnnounceAnswer.Silence("does not answer"));

        await Task.WhenAll(host.Ask(1, cancellationToken));
        var refused = await host.Ask(1, cancellationToken)[0];
        Assert.That(host.Begun, Is.EqualTo(1));
        Assert.That(refused.RetryIn, Is.EqualTo(TimeSpan.FromSeconds(10)));

        time.Advance(TimeSpan.FromSeconds(10));
        await Task.WhenAll(host.Ask(1, cancellationToken));
        var again = await host.Ask(1, cancellationToken)[0];
        Assert.That(host.Begun, Is.EqualTo(2));
        Assert.That(again.RetryIn, Is.EqualTo(TimeSpan.FromSeconds(20)), "it rests longer each time");

        time.Advance(TimeSpan.FromSeconds(20));
        host.Answer(Good);
        await Task.WhenAll(host.Ask(5, cancellationToken));
        Assert.That(host.Begun, Is.EqualTo(7));
    }

    [Test, CancelAfter(60_000)]
    public async Task One_finds_out_whether_a_tracker_is_back_after_its_pause_while_others_wait(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        using var queue = new AnnounceQueue(time);
        var dead = new Host("http://a.example/announce", queue);
        dead.Answer(AnnounceAnswer.Silence("does not answer"));
        await Task.WhenAll(dead.Ask(1, cancellationToken));
        time.Advance(TimeSpan.FromSeconds(10));
        var back = new Host("http://a.example/announce", queue);

        var probe = back.Ask(1, cancellationToken)[0];
        await back.WaitForAsync(1, cancellationToken);
        var others = await Task.WhenAll(back.Ask(20, cancellationToken));
        Assert.That(others.Select(answer => answer.RetryIn), Is.All.EqualTo(TimeSpan.FromSeconds(10)));
        var reader = back.Ask(1, cancellationToken, AnnounceUrgency.Reader)[0];
        await back.WaitForAsync(1, cancellationToken);

        back.Answer(Good);
        await Task.WhenAll(probe, reader);
        await Task.WhenAll(back.Ask(20, cancellationToken));
        Assert.That(back.Begun, Is.EqualTo(22));
    }

    [TestCase(AnnounceUrgency.Pending, 15)]
    [TestCase(AnnounceUrgency.Reader, 5)]
    [CancelAfter(60_000)]
    public async Task Who_waits_for_peers_asks_a_tracker_in_its_pause_sooner(
        AnnounceUrgency urgency,
        int seconds,
        CancellationToken cancellationToken
    )
    {
        var time = new FakeTimeProvider();
        using var queue = new AnnounceQueue(time);
        var host = new Host("http://a.example/announce", queue);
        host.Answer(AnnounceAnswer.Silence("does not answer"));
        foreach (var wait in (int[])[0, 10, 20, 40])
        {
            time.Advance(TimeSpan.FromSeconds(wait));
            await Task.WhenAll(host.Ask(1, cancellationToken));
        }

        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await Task.WhenAll(host.Ask(1, cancellationToken, urgency));
        Assert.That(host.Begun, Is.EqualTo(4));

        time.Advance(TimeSpan.FromSeconds(1));
        host.Answer(Good);
        await Task.WhenAll(host.Ask(1, cancellationToken));
        Assert.That(host.Begun, Is.EqualTo(4), "others wait on");
        await Task.WhenAll(host.Ask(1, cancellationToken, urgency));
        await Task.WhenAll(host.Ask(1, cancellationToken));
        Assert.That(host.Begun, Is.EqualTo(6), "it works again, for all");
    }

    [Test, CancelAfter(60_000)]
    public async Task Another_port_of_a_host_does_not_rest_with_it(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var dead = new Host("http://a.example:1/announce", queue);
        var alive = new Host("http://a.example:2/announce", queue);
        dead.Answer(AnnounceAnswer.Silence("does not answer"));
        alive.Answer(Good);

        await Task.WhenAll(dead.Ask(1, cancellationToken));
        await Task.WhenAll(alive.Ask(1, cancellationToken));

        Assert.That(alive.Begun, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_is_taken_back_while_waiting_is_never_sent(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);
        var first = host.Ask(8, cancellationToken);
        await host.WaitForAsync(8, cancellationToken);
        using var over = new CancellationTokenSource();
        var waiting = host.Ask(5, over.Token);

        await over.CancelAsync();
        foreach (var task in waiting)
        {
            Assert.That(async () => await task, Throws.InstanceOf<OperationCanceledException>());
        }

        host.Answer(Good);
        await Task.WhenAll(first);
        await Task.WhenAll(host.Ask(1, cancellationToken));
        Assert.That(host.Begun, Is.EqualTo(9));
    }

    private sealed class Host(string url, AnnounceQueue queue)
    {
        private readonly TaskCompletionSource<bool> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim _begun = new(0);
        private AnnounceAnswer _answer = Good;
        private int _inFlight;
        private int _count;
        private int _most;

        public TrackerAddress Address { get; } = new(new Uri(url));

        public int Begun => Volatile.Read(ref _count);

        public int Most => Volatile.Read(ref _most);

        public Task<AnnounceAnswer>[] Ask(int times, CancellationToken cancellationToken, AnnounceUrgency urgency = AnnounceUrgency.Regular)
        {
            return
            [
                .. Enumerable
                    .Range(0, times)
                    .Select(_ => queue.RunAsync(new AnnounceTicket(Address, urgency), ServeAsync, cancellationToken)),
            ];
        }

        public void Answer(AnnounceAnswer answer)
        {
            _answer = answer;
            _open.TrySetResult(true);
        }

        public async Task WaitForAsync(int times, CancellationToken cancellationToken)
        {
            for (var i = 0; i < times; i++)
            {
                await _begun.WaitAsync(cancellationToken);
            }
        }

        private async Task<AnnounceAnswer> ServeAsync(CancellationToken cancellationToken)
        {
            var inFlight = Interlocked.Increment(ref _inFlight);
            InterlockedMax(ref _most, inFlight);
            Interlocked.Increment(ref _count);
            _begun.Release();
            await _open.Task.WaitAsync(cancellationToken);
            Interlocked.Decrement(ref _inFlight);
            return _answer;
        }

        private static void InterlockedMax(ref int target, int value)
        {
            for (var seen = Volatile.Read(ref target); value > seen; )
            {
                var before = Interlocked.CompareExchange(ref target, value, seen);
                if (before == seen)
                {
                    return;
                }

                seen = before;
            }
        }
    }
}
