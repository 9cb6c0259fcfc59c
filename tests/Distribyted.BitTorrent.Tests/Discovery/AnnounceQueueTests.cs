using Distribyted.BitTorrent.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Discovery;

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
    public async Task A_farewell_does_not_wait_for_the_rate(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var hosts = Enumerable.Range(0, 200).Select(i => new Host($"http://h{i}.example/announce", queue)).ToArray();
        foreach (var host in hosts)
        {
            host.Answer(Good);
        }

        await Task.WhenAll(hosts.SelectMany(host => host.Ask(1, cancellationToken, AnnounceUrgency.Farewell)));

        Assert.That(hosts.Sum(host => host.Begun), Is.EqualTo(200));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_waits_for_peers_goes_first(CancellationToken cancellationToken)
    {
        using var queue = new AnnounceQueue(new FakeTimeProvider());
        var host = new Host("http://a.example/announce", queue);
        var first = host.Ask(8, cancellationToken);
        await host.WaitForAsync(8, cancellationToken);
        var order = new List<string>();
        var regular = queue.RunAsync(host.Address, AnnounceUrgency.Regular, _ => Note("regular"), cancellationToken);
        var wanted = queue.RunAsync(host.Address, AnnounceUrgency.Wanted, _ => Note("wanted"), cancellationToken);

        host.Answer(Good);
        await Task.WhenAll([.. first, regular, wanted]);

        Assert.That(order[0], Is.EqualTo("wanted"));

        Task<AnnounceAnswer> Note(string what)
        {
            lock (order)
            {
                order.Add(what);
            }

            return Task.FromResult(Good);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_just_did_not_answer_is_not_asked_by_others_until_it_has_rested(CancellationToken cancellationToken)
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
    public async Task One_finds_out_whether_a_rested_tracker_is_back_while_others_wait(CancellationToken cancellationToken)
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
        var reader = back.Ask(1, cancellationToken, AnnounceUrgency.Wanted)[0];
        await back.WaitForAsync(1, cancellationToken);

        back.Answer(Good);
        await Task.WhenAll(probe, reader);
        await Task.WhenAll(back.Ask(20, cancellationToken));
        Assert.That(back.Begun, Is.EqualTo(22));
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_waits_for_peers_asks_a_resting_tracker_after_15_seconds(CancellationToken cancellationToken)
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

        time.Advance(TimeSpan.FromSeconds(14));
        await Task.WhenAll(host.Ask(1, cancellationToken, AnnounceUrgency.Wanted));
        Assert.That(host.Begun, Is.EqualTo(4));

        time.Advance(TimeSpan.FromSeconds(1));
        host.Answer(Good);
        await Task.WhenAll(host.Ask(1, cancellationToken));
        Assert.That(host.Begun, Is.EqualTo(4), "others wait on");
        await Task.WhenAll(host.Ask(1, cancellationToken, AnnounceUrgency.Wanted));
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
            return [.. Enumerable.Range(0, times).Select(_ => queue.RunAsync(Address, urgency, ServeAsync, cancellationToken))];
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
