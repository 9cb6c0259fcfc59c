using Distribyted.BitTorrent.Peers;
using static Distribyted.BitTorrent.Peers.SwarmUrgency;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class DialSlotsTests
{
    // urgency, its own, of torrents without readers, without blocked readers, all; of 64.
    [TestCase(Blocked, 40, 0, 0, 63, true)]
    [TestCase(Blocked, 0, 32, 48, 64, false)]
    [TestCase(Reading, 40, 0, 47, 47, true)]
    [TestCase(Reading, 0, 0, 48, 48, false)]
    [TestCase(Recent, 0, 32, 47, 47, true)]
    [TestCase(Pending, 15, 15, 15, 15, true)]
    [TestCase(Pending, 16, 16, 16, 16, false)]
    [TestCase(Pending, 3, 31, 31, 31, true)]
    [TestCase(Pending, 4, 31, 31, 31, false)]
    [TestCase(Pending, 0, 32, 32, 32, false)]
    [TestCase(Idle, 0, 10, 48, 48, false)]
    public void Who_may_begin_a_dial(SwarmUrgency urgency, int own, int unread, int notBlocked, int all, bool may)
    {
        Assert.That(DialSlots.MayTake(urgency, own, unread, notBlocked, all, limit: 64), Is.EqualTo(may));
    }

    [TestCase(Idle)]
    [TestCase(Pending)]
    [TestCase(Reading)]
    [TestCase(Blocked)]
    public void With_one_slot_everybody_can_dial(SwarmUrgency urgency)
    {
        Assert.That(DialSlots.MayTake(urgency, 0, 0, 0, 0, limit: 1), Is.True);
    }

    [Test]
    public async Task A_free_slot_goes_to_the_blocked_reader_and_then_to_who_has_fewest()
    {
        var slots = new DialSlots(2);
        var order = new List<string>();
        var done = new TaskCompletionSource();
        SwarmShare Share(string name, SwarmUrgency urgency)
        {
            SwarmShare share = null!;
            share = new SwarmShare(
                static () => { },
                () =>
                {
                    lock (order)
                    {
                        order.Add(name);
                        if (order.Count == 2)
                        {
                            done.SetResult();
                        }
                    }
                }
            )
            {
                Urgency = urgency,
            };
            return share;
        }

        var magnets = new[] { Share("first magnet", Pending), Share("second magnet", Pending) };
        var reader = Share("reader", Blocked);
        Assert.That(slots.TryTake(magnets[0], out var first), Is.True);
        Assert.That(slots.TryTake(reader, out var second), Is.True);
        Assert.That(slots.TryTake(magnets[0], out _), Is.False);
        Assert.That(slots.TryTake(magnets[1], out _), Is.False);
        Assert.That(slots.TryTake(reader, out _), Is.False);

        slots.Release(reader, second);
        Assert.That(
            (reader.Granted, magnets[0].Granted, magnets[1].Granted),
            Is.EqualTo(((SwarmUrgency?)Blocked, (SwarmUrgency?)null, (SwarmUrgency?)null))
        );
        slots.Release(magnets[0], first);
        Assert.That((magnets[0].Granted is null) ^ (magnets[1].Granted is null), Is.True);

        await done.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(order, Is.EquivalentTo(["reader", magnets[0].Granted is null ? "second magnet" : "first magnet"]));
        Assert.That(slots.TryTake(reader, out var taken), Is.True);
        Assert.That(taken, Is.EqualTo(Blocked));
    }

    [Test]
    public void A_slot_that_is_not_used_goes_to_the_next()
    {
        var slots = new DialSlots(1);
        var (first, second, third) = (Share(), Share(), Share());
        slots.TryTake(first, out var slot);
        slots.TryTake(second, out _);
        slots.TryTake(third, out _);

        slots.Release(first, slot);
        Assert.That((second.Granted, third.Granted), Is.EqualTo(((SwarmUrgency?)Pending, (SwarmUrgency?)null)));

        slots.Forget(second);
        Assert.That((second.Granted, third.Granted), Is.EqualTo(((SwarmUrgency?)null, (SwarmUrgency?)Pending)));
        Assert.That((first.Dials, second.Dials, third.Dials), Is.EqualTo((0, 0, 1)));
    }

    private static SwarmShare Share()
    {
        return new SwarmShare(static () => { }, static () => { }) { Urgency = Pending };
    }
}
