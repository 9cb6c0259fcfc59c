using Distribyted.BitTorrent.Discovery.PortMapping.Gateways;
using Distribyted.BitTorrent.Discovery.PortMapping.Leases;

namespace Distribyted.BitTorrent.Discovery.Tests.PortMapping;

/// <summary>The tables of leases: when to renew, when to ask again, and what for.</summary>
internal sealed class LeaseTests
{
    [TestCase(3600, 1800)]
    [TestCase(0, 1800, Description = "for ever")]
    [TestCase(120, 60)]
    [TestCase(8, 4)]
    [TestCase(7, 4, Description = "no sooner")]
    [TestCase(1, 4)]
    [TestCase(86400, 1800, Description = "no later")]
    public void A_mapping_is_renewed_at_half_of_its_lease(int granted, int expected)
    {
        Assert.That(LeaseTimes.RenewIn(TimeSpan.FromSeconds(granted)), Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    [TestCase(1, 0, false, -1, 5)]
    [TestCase(2, 0, false, -1, 10)]
    [TestCase(3, 0, false, -1, 20)]
    [TestCase(9, 0, false, -1, 1280)]
    [TestCase(10, 0, false, -1, 1800)]
    [TestCase(1_000_000, 0, false, -1, 1800)]
    [TestCase(1, 300, false, -1, 300, Description = "the router says how long")]
    [TestCase(1, 2, false, -1, 5, Description = "but not less")]
    [TestCase(1, 86400, false, -1, 1800, Description = "and not for ever")]
    [TestCase(1, 0, true, -1, 1800, Description = "its owner must act")]
    [TestCase(8, 0, false, 100, 100, Description = "the end of a mapping is seen")]
    [TestCase(8, 0, false, 0, 4)]
    [TestCase(1, 0, false, 100, 5)]
    public void A_router_that_fails_is_asked_again_after_growing_pauses(int failures, int announced, bool isRefused, int left, int expected)
    {
        var pause = LeaseTimes.RetryIn(failures, TimeSpan.FromSeconds(announced), isRefused, left < 0 ? null : TimeSpan.FromSeconds(left));

        Assert.That(pause, Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    [TestCase(nameof(MappingOutcome.Refused))]
    [TestCase(nameof(MappingOutcome.Failed))]
    [TestCase(nameof(MappingOutcome.Silent))]
    [TestCase(nameof(MappingOutcome.Unsupported))]
    public void What_another_request_does_not_mend_is_not_asked_again_at_once(string outcome)
    {
        var plan = new MappingPlan(42069, new Random(1));

        Assert.That(plan.AskAgain(Answer(Enum.Parse<MappingOutcome>(outcome))), Is.False);
        Assert.That(plan.ExternalPort, Is.EqualTo(42069));
        Assert.That(plan.Lease, Is.EqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public void After_error_725_a_permanent_lease_is_asked_for_once_and_kept()
    {
        var plan = new MappingPlan(42069, new Random(1));

        Assert.That(plan.AskAgain(Answer(MappingOutcome.OnlyPermanent)), Is.True);
        Assert.That(plan.Lease, Is.EqualTo(TimeSpan.Zero));
        Assert.That(plan.AskAgain(Answer(MappingOutcome.OnlyPermanent)), Is.False);
        Assert.That(plan.AskAgain(new MappingAnswer(MappingOutcome.Mapped, 42069)), Is.False);
        Assert.That(plan.Lease, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void After_a_conflict_four_other_ports_are_tried_and_then_ours_again_later()
    {
        var plan = new MappingPlan(42069, new Random(1));
        var tried = new List<int>();
        while (plan.AskAgain(Answer(MappingOutcome.Conflict)))
        {
            tried.Add(plan.ExternalPort);
        }

        Assert.That(tried, Has.Count.EqualTo(4));
        Assert.That(tried, Is.Unique.And.All.InRange(10_000, 60_000));
        Assert.That(plan.ExternalPort, Is.EqualTo(42069));
        Assert.That(plan.AskAgain(Answer(MappingOutcome.Conflict)), Is.True);
    }

    [Test]
    public void A_port_that_was_given_is_asked_for_again()
    {
        var plan = new MappingPlan(42069, new Random(1));

        plan.AskAgain(new MappingAnswer(MappingOutcome.Mapped, 50_123));

        Assert.That(plan.ExternalPort, Is.EqualTo(50_123));
    }

    [Test]
    public void After_error_724_our_own_port_is_asked_for()
    {
        var plan = new MappingPlan(42069, new Random(1));
        plan.AskAgain(Answer(MappingOutcome.Conflict));

        Assert.That(plan.AskAgain(Answer(MappingOutcome.OnlySamePort)), Is.True);
        Assert.That(plan.ExternalPort, Is.EqualTo(42069));
        Assert.That(plan.AskAgain(Answer(MappingOutcome.OnlySamePort)), Is.False);
    }

    // RFC 6887, section 8.5.
    [TestCase(1000, 1000, 0, false)]
    [TestCase(1000, 999, 0, false, Description = "one second of disorder")]
    [TestCase(1000, 998, 0, true)]
    [TestCase(1000, 0, 5, true)]
    [TestCase(1000, 1100, 100, false)]
    [TestCase(1000, 1093, 100, false, Description = "a slow clock")]
    [TestCase(1000, 1091, 100, true)]
    [TestCase(1000, 1108, 100, false, Description = "a fast clock")]
    [TestCase(1000, 1110, 100, true)]
    [TestCase(4294967295, 4294967295, 0, false)]
    public void A_restart_is_seen_by_the_epoch(long before, long after, int seconds, bool isRestart)
    {
        var check = new EpochCheck();
        Assert.That(check.Take((uint)before, TimeSpan.FromSeconds(50)), Is.False);

        Assert.That(check.Take((uint)after, TimeSpan.FromSeconds(50 + seconds)), Is.EqualTo(isRestart));
    }

    private static MappingAnswer Answer(MappingOutcome outcome)
    {
        return new MappingAnswer(outcome);
    }
}
