using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests;

internal sealed class PauseTests
{
    private const long Second = MonotonicClock.Second;
    private const int TierFailed = 1302;

    [Test]
    public void The_clock_stands_still_while_the_process_is_stopped()
    {
        var time = new FakeTimeProvider();
        var clock = new MonotonicClock(time);
        clock.Watch();
        RunFor(time, clock, 10);

        time.Advance(TimeSpan.FromSeconds(60)); // SIGSTOP: the clock is not read, CLOCK_MONOTONIC goes on

        Assert.That(clock.Now, Is.EqualTo(10 * Second));
        RunFor(time, clock, 10);
        Assert.That(clock.Now, Is.EqualTo(20 * Second));
        Assert.That(clock.Stopped, Is.EqualTo(60 * Second));
    }

    [Test]
    public void A_clock_that_is_not_watched_goes_on()
    {
        var time = new FakeTimeProvider();
        var clock = new MonotonicClock(time);

        time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(clock.Now, Is.EqualTo(60 * Second));
    }

    [TestCase(60, 60, 60, Description = "SIGSTOP: both clocks went on")]
    [TestCase(0, 3600, 3600, Description = "suspended: CLOCK_MONOTONIC stood still")]
    [TestCase(1, 1, 0)]
    [TestCase(3, 3, 0, Description = "a slow machine")]
    [TestCase(1, -3600, 0, Description = "the wall clock was set back")]
    public void What_was_missed(int monotonic, int wall, int missed)
    {
        var time = new TwoClocks();
        var clock = new MonotonicClock(time);
        clock.Watch();
        var watch = new PauseWatch(clock);

        time.Advance(TimeSpan.FromSeconds(monotonic), TimeSpan.FromSeconds(wall));

        Assert.That(watch.Look().TotalSeconds, Is.EqualTo(missed).Within(1));
        Assert.That(watch.Look(), Is.EqualTo(TimeSpan.Zero), "told once");
    }

    [Test]
    public void A_new_address_is_noticed_once_and_only_when_the_system_reports_a_change()
    {
        IReadOnlyList<IPAddress> own = [IPAddress.Parse("192.0.2.1")];
        using var network = new NetworkWatch(() => own);

        own = [IPAddress.Parse("192.0.2.2")];
        Assert.That(network.Look(), Is.False);
        network.Changed();
        Assert.That(network.Look());
        Assert.That(network.Look(), Is.False);
    }

    [Test]
    public void A_line_that_is_back_is_noticed_also_with_the_same_address()
    {
        IReadOnlyList<IPAddress> own = [IPAddress.Parse("192.0.2.1")];
        using var network = new NetworkWatch(() => own);

        own = [];
        network.Changed();
        Assert.That(network.Look(), Is.False, "there is nothing to be done without a line");
        own = [IPAddress.Parse("192.0.2.1")];
        network.Changed();
        Assert.That(network.Look());
    }

    [TestCase(true, 2)]
    [TestCase(false, 1, Description = "trackers that answered still know us after a short stop")]
    [CancelAfter(60_000)]
    public async Task Trackers_are_told_once_of_a_new_address(bool isForgotten, int announces, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(LabContent.File("film.mkv", 1_000_000), 64.KiB(), cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        await using var other = LabTracker.Start();
        other.Failure = "busy";
        var torrent = await bed.AddMagnetAsync(cancellationToken, other.HttpUrl);
        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.WaitForAsync(() => bed.Log.Count(TierFailed) == 1, cancellationToken);

        bed.Session.WorldReturned(isForgotten);

        await other.WaitForAsync(a => a.Count == 2, cancellationToken); // it failed: perhaps it was our line
        await bed.Tracker.WaitForAsync(a => a.Count == announces, cancellationToken);
    }

    private static void RunFor(FakeTimeProvider time, MonotonicClock clock, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            _ = clock.Now;
        }
    }

    /// <summary>A wall clock and a monotonic one that differ, as after a suspend.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private long _timestamp;
        private DateTimeOffset _wall = DateTimeOffset.UnixEpoch;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            return _timestamp;
        }

        public override DateTimeOffset GetUtcNow()
        {
            return _wall;
        }

        public void Advance(TimeSpan monotonic, TimeSpan wall)
        {
            _timestamp += monotonic.Ticks;
            _wall += wall;
        }
    }
}
