using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Swarms;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class DueTimerTests
{
    private const long Millisecond = MonotonicClock.Millisecond;

    private readonly List<string> _runs = []; // name and when, in milliseconds
    private FakeTimeProvider _time = new();
    private MonotonicClock _clock = null!;
    private DueTimer _timer = null!;

    [SetUp]
    public void Start()
    {
        _runs.Clear();
        _time = new FakeTimeProvider();
        _clock = new MonotonicClock(_time);
        _timer = new DueTimer(_clock, NullLogger.Instance);
    }

    [TearDown]
    public void Stop()
    {
        _timer.Dispose();
    }

    [Test]
    public void Each_target_runs_once_at_its_time()
    {
        _timer.Arm(new Target("late", this), 500 * Millisecond);
        _timer.Arm(new Target("soon", this), 100 * Millisecond);
        _timer.Arm(new Target("later", this), 900 * Millisecond);

        Pass(2000);

        Assert.That(_runs, Is.EqualTo(new[] { "soon 100", "late 500", "later 900" }));
    }

    [TestCase(300, "a 300", Description = "earlier than before")]
    [TestCase(800, "a 800", Description = "later than before")]
    public void A_target_is_due_at_the_time_that_was_said_last(int due, string run)
    {
        var target = new Target("a", this);
        _timer.Arm(target, 500 * Millisecond);

        _timer.Arm(target, due * Millisecond);
        Pass(2000);

        Assert.That(_runs, Is.EqualTo(new[] { run }));
    }

    [Test]
    public void A_target_that_is_never_due_does_not_run_and_delays_no_other()
    {
        var target = new Target("a", this);
        _timer.Arm(target, 100 * Millisecond);
        _timer.Arm(new Target("b", this), 200 * Millisecond);

        _timer.Arm(target, long.MaxValue);
        Pass(2000);

        Assert.That(_runs, Is.EqualTo(new[] { "b 200" }));
    }

    [Test]
    public void Who_is_due_at_once_runs_after_the_grain_and_not_within_the_call()
    {
        Pass(50);

        _timer.Arm(new Target("a", this), 0);

        Assert.That(_runs, Is.Empty, "the caller holds the swarm's lock");
        Pass(100);
        Assert.That(_runs, Is.EqualTo(new[] { "a 60" }));
    }

    [Test]
    public void A_target_may_ask_for_its_next_time_when_it_runs()
    {
        Target target = null!;
        target = new Target("a", this) { Then = () => _timer.Arm(target, _clock.Now + (300 * Millisecond)) };
        _timer.Arm(target, 100 * Millisecond);

        Pass(1000);

        Assert.That(_runs, Is.EqualTo(new[] { "a 100", "a 400", "a 700", "a 1000" }));
    }

    private void Pass(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    private sealed class Target(string name, DueTimerTests test) : IDueTarget
    {
        public Action Then { get; init; } = static () => { };

        public void Due()
        {
            test._runs.Add($"{name} {test._clock.Now / Millisecond}");
            Then();
        }
    }
}
