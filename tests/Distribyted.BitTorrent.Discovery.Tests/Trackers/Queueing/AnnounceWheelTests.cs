using CsCheck;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Queueing;

internal sealed class AnnounceWheelTests
{
    [Test]
    public void An_alarm_rings_once_when_it_is_due_and_not_before()
    {
        var time = new FakeTimeProvider();
        using var wheel = new AnnounceWheel(time);
        var rung = 0;
        var alarm = new AnnounceWheel.Alarm(() => rung++);

        wheel.Set(alarm, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(rung, Is.Zero);

        time.Advance(TimeSpan.FromSeconds(0.1));
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(rung, Is.EqualTo(1));
        Assert.That(wheel.Count, Is.Zero);
    }

    [Test]
    public void A_later_setting_replaces_the_earlier_one_and_clearing_silences()
    {
        var time = new FakeTimeProvider();
        using var wheel = new AnnounceWheel(time);
        var (moved, cleared) = (0, 0);
        var first = new AnnounceWheel.Alarm(() => moved++);
        var second = new AnnounceWheel.Alarm(() => cleared++);

        wheel.Set(first, TimeSpan.FromSeconds(5));
        wheel.Set(first, TimeSpan.FromSeconds(20));
        wheel.Set(second, TimeSpan.FromSeconds(5));
        wheel.Clear(second);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((moved, cleared), Is.EqualTo((0, 0)));

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((moved, cleared), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Ten_thousand_alarms_that_are_moved_often_each_ring_once_at_their_last_time()
    {
        var time = new FakeTimeProvider();
        using var wheel = new AnnounceWheel(time);
        var rung = new int[10_000];
        var alarms = Enumerable.Range(0, rung.Length).Select(i => new AnnounceWheel.Alarm(() => rung[i]++)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < alarms.Length; i++)
            {
                wheel.Set(alarms[i], TimeSpan.FromSeconds(1 + ((i * 7) + round) % 100));
            }
        }

        Assert.That(wheel.Count, Is.EqualTo(alarms.Length));
        for (var second = 0; second < 101; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(rung, Is.All.EqualTo(1));
        Assert.That(wheel.Count, Is.Zero);
    }

    [Test]
    public void Any_settings_and_clearings_ring_as_a_plain_list_would()
    {
        Gen.Select(Gen.Int[0, 7], Gen.Int[-1, 50], Gen.Int[0, 20])
            .Array[0, 60]
            .Sample(
                steps =>
                {
                    var time = new FakeTimeProvider();
                    using var wheel = new AnnounceWheel(time);
                    var rung = new int[8];
                    var expected = new int[8];
                    var due = new double?[8];
                    var now = 0.0;
                    var alarms = Enumerable.Range(0, 8).Select(i => new AnnounceWheel.Alarm(() => rung[i]++)).ToArray();
                    foreach (var (which, delay, advance) in steps)
                    {
                        if (delay < 0)
                        {
                            wheel.Clear(alarms[which]);
                            due[which] = null;
                        }
                        else
                        {
                            wheel.Set(alarms[which], TimeSpan.FromSeconds(delay + 1));
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

                    return rung.SequenceEqual(expected);
                },
                iter: 2000
            );
    }
}
