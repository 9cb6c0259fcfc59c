using CsCheck;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Queueing;

internal sealed class AnnounceTimersTests
{
    [Test]
    public void A_timer_fires_once_when_it_is_due_and_not_before()
    {
        var time = new FakeTimeProvider();
        using var timers = new AnnounceTimers(time);
        var fired = 0;
        var timer = new AnnounceTimers.Timer(() => fired++);

        timers.Set(timer, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(fired, Is.Zero);

        time.Advance(TimeSpan.FromSeconds(0.1));
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(fired, Is.EqualTo(1));
        Assert.That(timers.Count, Is.Zero);
    }

    [Test]
    public void A_later_setting_replaces_the_earlier_one_and_clearing_silences()
    {
        var time = new FakeTimeProvider();
        using var timers = new AnnounceTimers(time);
        var (moved, cleared) = (0, 0);
        var first = new AnnounceTimers.Timer(() => moved++);
        var second = new AnnounceTimers.Timer(() => cleared++);

        timers.Set(first, TimeSpan.FromSeconds(5));
        timers.Set(first, TimeSpan.FromSeconds(20));
        timers.Set(second, TimeSpan.FromSeconds(5));
        timers.Clear(second);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((moved, cleared), Is.EqualTo((0, 0)));

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((moved, cleared), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Ten_thousand_timers_that_are_moved_often_each_fire_once_at_their_last_time()
    {
        var time = new FakeTimeProvider();
        using var timers = new AnnounceTimers(time);
        var fired = new int[10_000];
        var all = Enumerable.Range(0, fired.Length).Select(i => new AnnounceTimers.Timer(() => fired[i]++)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < all.Length; i++)
            {
                timers.Set(all[i], TimeSpan.FromSeconds(1 + ((i * 7) + round) % 100));
            }
        }

        Assert.That(timers.Count, Is.EqualTo(all.Length));
        for (var second = 0; second < 101; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(fired, Is.All.EqualTo(1));
        Assert.That(timers.Count, Is.Zero);
    }

    [Test]
    public void Any_settings_and_clearings_fire_as_a_plain_list_would()
    {
        Gen.Select(Gen.Int[0, 7], Gen.Int[-1, 50], Gen.Int[0, 20])
            .Array[0, 60]
            .Sample(
                steps =>
                {
                    var time = new FakeTimeProvider();
                    using var timers = new AnnounceTimers(time);
                    var fired = new int[8];
                    var expected = new int[8];
                    var due = new double?[8];
                    var now = 0.0;
                    var all = Enumerable.Range(0, 8).Select(i => new AnnounceTimers.Timer(() => fired[i]++)).ToArray();
                    foreach (var (which, delay, advance) in steps)
                    {
                        if (delay < 0)
                        {
                            timers.Clear(all[which]);
                            due[which] = null;
                        }
                        else
                        {
                            timers.Set(all[which], TimeSpan.FromSeconds(delay + 1));
                            due[which] = now + delay + 1;
                        }

                        time.Advance(TimeSpan.FromSeconds(advance));
                        now += advance;
                        for (var i = 0; i < 8; i++)
                        {
                            if (due[i] <= now)
                            {
                                expected[i]++;
                                due[i] = null;
                            }
                        }
                    }

                    return fired.SequenceEqual(expected);
                },
                iter: 2000
            );
    }
}
