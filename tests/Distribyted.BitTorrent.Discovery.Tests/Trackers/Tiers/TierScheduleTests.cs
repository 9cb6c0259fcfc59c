using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Tiers;

/// <summary>The rules of tiers, one by one. Nothing waits here: time is a number.</summary>
internal sealed class TierScheduleTests
{
    private static readonly AnnounceAnswer Good = new() { Interval = TimeSpan.FromMinutes(30) };
    private static readonly AnnounceAnswer Bad = AnnounceAnswer.Failure("closed");
    private static readonly AnnounceAnswer Never = AnnounceAnswer.Failure("gone", TimeSpan.MaxValue);

    // BEP 12: "The announce-list is shuffled in each tier once, when first read".
    [Test]
    public void A_tier_is_shuffled_and_its_trackers_stay_in_it()
    {
        HashSet<string> orders = [];
        for (var seed = 0; seed < 100; seed++)
        {
            var schedule = New(new Random(seed), ["a", "b", "c"], ["d"]);

            Assert.That(schedule.Tiers[0].Trackers.Select(t => t.Host), Is.EquivalentTo(new[] { "a", "b", "c" }));
            Assert.That(Order(schedule, 1), Is.EqualTo("d"));
            orders.Add(Order(schedule, 0));
        }

        Assert.That(orders, Has.Count.EqualTo(6), "every order of three comes up");
    }

    [Test]
    public void A_report_has_each_tracker_with_its_tier_and_says_when_it_is_asked()
    {
        var schedule = Started(["a"], ["b"]);
        var before = TierReports.Of(schedule.Tiers, TimeSpan.Zero).ToArray();
        Take(schedule, 0);

        var asking = TierReports.Of(schedule.Tiers, TimeSpan.Zero).ToArray();
        schedule.Failed(schedule.Tiers[0], Bad, TimeSpan.FromSeconds(1));
        var failed = TierReports.Of(schedule.Tiers, TimeSpan.FromSeconds(3)).First();

        Assert.That(
            before.Select(t => (t.Tier, t.IsAsking, t.NextIn)),
            Is.EqualTo([(0, false, (TimeSpan?)TimeSpan.Zero), (1, false, TimeSpan.Zero)])
        );
        Assert.That(
            asking.Select(t => (t.IsAsking, t.LastAsked, t.NextIn)),
            Is.EqualTo([(true, (TimeSpan?)null, (TimeSpan?)null), (true, null, null)])
        );
        Assert.That(
            (failed.IsAsking, failed.HasAnswered, failed.LastAsked),
            Is.EqualTo((false, false, (TimeSpan?)TimeSpan.FromSeconds(2)))
        );
        Assert.That(failed.Trouble, Does.Contain("closed"));
        Assert.That(failed.NextIn, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void Every_tier_is_asked_and_keeps_its_place()
    {
        var schedule = Started(["a"], ["b"], ["c"]);

        Assert.That(Take(schedule, 0), Is.EqualTo(new[] { "a", "b", "c" }));
        Assert.That(Take(schedule, 0), Is.Empty, "each once");
    }

    [Test]
    public void A_tracker_that_stands_in_two_tiers_is_asked_in_the_first()
    {
        var schedule = Started(["a", "b"], ["b", "a"], ["a", "c"]);

        Assert.That(schedule.Tiers, Has.Count.EqualTo(2));
        Assert.That(Order(schedule, 1), Is.EqualTo("c"));
    }

    // BEP 12: "If a connection with a tracker is successful, it will be moved to the front of the tier".
    [TestCase(0, "abc")]
    [TestCase(1, "bac")]
    [TestCase(2, "cab")]
    public void The_tracker_that_works_comes_first_and_the_others_keep_their_order(int works, string order)
    {
        var schedule = Started(["a", "b", "c"]);
        var tier = Begin(schedule);
        tier.Trackers.Sort((x, y) => string.CompareOrdinal(x.Host, y.Host));

        schedule.Worked(tier, tier.Trackers[works], Good, isAlone: false, Seconds(1));

        Assert.That(Order(schedule, 0), Is.EqualTo(order));
    }

    [Test]
    public void A_tier_that_works_is_due_after_the_interval_of_its_tracker_and_others_do_not_move_it()
    {
        var schedule = Started(["a"], ["b"]);
        var rounds = schedule.TakeDue(Seconds(0), static _ => null);

        schedule.Worked(rounds[0].Tier, rounds[0].Trackers[0], Good, isAlone: false, Seconds(1));
        schedule.Failed(rounds[1].Tier, Bad, Seconds(1));

        Assert.That(rounds[0].Tier.Due, Is.EqualTo(Seconds(1801)));
        Assert.That(schedule.NextDue, Is.EqualTo(Seconds(16)));
        Assert.That(Take(schedule, 15), Is.Empty);
        Assert.That(Take(schedule, 16), Is.EqualTo(new[] { "b" }));
    }

    [TestCase(false, "15 30 60 120 240 480 960 1800 1800")]
    [TestCase(true, "10 20 40 80 160 320 600 600")]
    public void A_tier_that_fails_as_a_whole_is_asked_again_after_twice_the_time(bool isPending, string waits)
    {
        var schedule = Started(["a", "b"]);
        schedule.IsPending = isPending;
        var now = TimeSpan.Zero;
        List<double> seen = [];
        foreach (var _ in waits.Split(' '))
        {
            var tier = schedule.TakeDue(now, static _ => null).Single().Tier;
            schedule.Failed(tier, Bad, now);
            seen.Add((tier.Due!.Value - now).TotalSeconds);
            now = tier.Due.Value;
        }

        Assert.That(string.Join(' ', seen), Is.EqualTo(waits));
    }

    [Test]
    public void One_good_answer_ends_the_doubling()
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);
        schedule.Failed(tier, Bad, Seconds(0));
        Begin(schedule, 15);
        schedule.Failed(tier, Bad, Seconds(15));
        Begin(schedule, 45);
        schedule.Worked(tier, tier.Trackers[0], Good, isAlone: false, Seconds(45));
        Begin(schedule, 45 + 1800);

        schedule.Failed(tier, Bad, Seconds(2000));

        Assert.That(tier.Due, Is.EqualTo(Seconds(2015)));
    }

    // BEP 31: "never" forbids retries.
    [Test]
    public void A_tracker_that_forbids_retries_is_left_out_and_the_others_of_its_tier_are_asked()
    {
        var schedule = Started(["a", "b"]);
        var tier = Begin(schedule);
        var forbids = tier.Trackers[0];
        TierSchedule.Refused(forbids, Never.RetryIn);

        schedule.Failed(tier, Never, Seconds(0));
        var (_, trackers) = schedule.TakeDue(tier.Due!.Value, static _ => null).Single();

        Assert.That(trackers, Has.Count.EqualTo(1).And.No.Member(forbids));
    }

    [Test]
    public void A_tier_that_forbids_retries_as_a_whole_is_never_asked_again()
    {
        var schedule = Started(["a", "b"]);
        var tier = Begin(schedule);
        tier.Trackers.ForEach(tracker => TierSchedule.Refused(tracker, Never.RetryIn));

        schedule.Failed(tier, Never, Seconds(0));
        schedule.Want(AnnounceUrgency.Reader, Seconds(10));
        schedule.Returned(all: true, AnnounceUrgency.Reader, Seconds(10));
        schedule.Completed(Seconds(10));

        Assert.That(tier.State, Is.EqualTo(TierState.Forbidden));
        Assert.That(schedule.NextDue, Is.Null);
        Assert.That(Take(schedule, 1_000_000), Is.Empty);
        Assert.That(schedule.Trouble, Is.EqualTo("gone"));
    }

    [Test]
    public void A_tracker_that_forbade_retries_once_has_forbidden_them()
    {
        var schedule = Started(["a"]);
        var tracker = Begin(schedule).Trackers[0];

        TierSchedule.Refused(tracker, Never.RetryIn);
        TierSchedule.Refused(tracker, Never.RetryIn);
        Assert.That(tracker.RetryForbidden);
        TierSchedule.Refused(tracker, Seconds(10));
        Assert.That(tracker.RetryForbidden);
    }

    // BEP 3: "If absent and a previous announce sent a tracker id, do not discard the old value; keep using it."
    [Test]
    public void A_tracker_s_id_is_kept_until_it_sends_another()
    {
        var schedule = Started(["a"]);
        var tracker = Begin(schedule).Trackers[0];

        TierSchedule.Acknowledged(tracker, AnnounceEvent.Started, left: 7, Good with { TrackerId = "first" });
        TierSchedule.Acknowledged(tracker, AnnounceEvent.None, left: 7, Good);
        Assert.That(tracker.TrackerId, Is.EqualTo("first"));
        TierSchedule.Acknowledged(tracker, AnnounceEvent.None, left: 7, Good with { TrackerId = "second" });
        Assert.That(tracker.TrackerId, Is.EqualTo("second"));
    }

    [TestCase(599, false)]
    [TestCase(600, true)]
    public void A_failing_tracker_is_not_asked_before_the_time_that_it_names(int second, bool isAsked)
    {
        var schedule = Started(["a"]);

        schedule.Failed(Begin(schedule), AnnounceAnswer.Failure("busy", TimeSpan.FromMinutes(10)), Seconds(0));
        schedule.Want(AnnounceUrgency.Reader, Seconds(1));

        Assert.That(Take(schedule, second), isAsked ? Is.Not.Empty : Is.Empty);
    }

    [TestCase(null, nameof(AnnounceUrgency.Regular), 120)]
    [TestCase(null, nameof(AnnounceUrgency.Pending), 120)]
    [TestCase(null, nameof(AnnounceUrgency.Reader), 60)]
    [TestCase(300, nameof(AnnounceUrgency.Regular), 300)]
    [TestCase(300, nameof(AnnounceUrgency.Reader), 300)]
    [TestCase(5, nameof(AnnounceUrgency.Reader), 60)]
    public void Wanted_peers_are_asked_for_when_the_tracker_allows_it(int? minimum, string urgency, int expected)
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);
        schedule.Worked(
            tier,
            tier.Trackers[0],
            Good with
            {
                MinInterval = minimum is null ? null : TimeSpan.FromSeconds(minimum.Value),
            },
            isAlone: false,
            Seconds(0)
        );

        schedule.Want(Enum.Parse<AnnounceUrgency>(urgency), Seconds(1));

        Assert.That(schedule.NextDue, Is.EqualTo(Seconds(expected)));
    }

    [Test]
    public void Wanted_peers_never_move_a_tier_back()
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);
        schedule.Failed(tier, Bad, Seconds(0));

        schedule.Want(AnnounceUrgency.Reader, Seconds(1));
        var sooner = schedule.NextDue;
        schedule.Want(AnnounceUrgency.Regular, Seconds(2));

        Assert.That(sooner, Is.EqualTo(Seconds(5)));
        Assert.That(schedule.NextDue, Is.EqualTo(sooner));
    }

    [TestCase(nameof(AnnounceUrgency.Regular), nameof(AnnounceUrgency.Reader), 60)]
    [TestCase(nameof(AnnounceUrgency.Reader), nameof(AnnounceUrgency.Regular), 60)]
    [TestCase(nameof(AnnounceUrgency.Regular), nameof(AnnounceUrgency.Regular), 120)]
    public void Peers_that_are_wanted_during_a_round_are_asked_for_after_it_by_the_most_urgent(string first, string second, int expected)
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);

        schedule.Want(Enum.Parse<AnnounceUrgency>(first), Seconds(0));
        schedule.Want(Enum.Parse<AnnounceUrgency>(second), Seconds(0));
        Assert.That(Take(schedule, 0), Is.Empty, "one round at a time");
        schedule.Worked(tier, tier.Trackers[0], Good, isAlone: false, Seconds(0));
        Assert.That(tier.Due, Is.EqualTo(Seconds(expected)));

        schedule.Worked(Begin(schedule, expected), tier.Trackers[0], Good, isAlone: false, Seconds(expected));
        Assert.That(tier.Due, Is.EqualTo(Seconds(expected + 1800)), "it was asked for once");
    }

    // Trackers that did not answer any torrent are held back; which ones is known to the queue.
    [TestCase(true, 1, 0, 20)]
    [TestCase(true, 30, 0, 45)]
    [TestCase(false, 30, 1, null)]
    public void A_failing_tier_whose_trackers_are_silent_waits_without_a_round(bool allSilent, int silentSeconds, int rounds, int? due)
    {
        var schedule = Started(["a", "b"]);
        var tier = Begin(schedule);
        schedule.Failed(tier, Bad, Seconds(0));

        var taken = schedule.TakeDue(Seconds(15), address => allSilent || address.Host == "a" ? TimeSpan.FromSeconds(silentSeconds) : null);

        Assert.That(taken, Has.Count.EqualTo(rounds));
        Assert.That(tier.Trouble, Is.EqualTo("closed"));
        Assert.That(tier.Due, due is null ? Is.Null : Is.GreaterThanOrEqualTo(Seconds(due.Value)));
    }

    // The first one in the tier is at random.
    [TestCase(100, 40)]
    [TestCase(40, 100)]
    public void A_silent_tier_waits_for_the_tracker_that_may_be_asked_first(int a, int b)
    {
        var schedule = Started(["a", "b"]);
        var tier = Begin(schedule);
        schedule.Failed(tier, Bad, Seconds(0));

        schedule.TakeDue(Seconds(15), address => Seconds(address.Host == "a" ? a : b));

        Assert.That(tier.Due, Is.EqualTo(Seconds(15 + 40)));
    }

    [Test]
    public void A_tier_that_was_never_asked_is_asked_although_its_tracker_is_silent_for_others()
    {
        var schedule = Started(["a"]);

        Assert.That(schedule.TakeDue(Seconds(0), static _ => TimeSpan.FromMinutes(5)), Has.Count.EqualTo(1));
    }

    [Test]
    public void Events_go_by_what_was_acknowledged()
    {
        var schedule = Started(["a"]);
        var tracker = Begin(schedule).Trackers[0];

        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(AnnounceEvent.Started));
        TierSchedule.Refused(tracker, null);
        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(AnnounceEvent.Started), "a refusal acknowledges nothing");
        TierSchedule.Acknowledged(tracker, AnnounceEvent.Started, left: 7, Good);
        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(AnnounceEvent.None));
        schedule.Completed(Seconds(1));
        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(AnnounceEvent.Completed));
        TierSchedule.Acknowledged(tracker, AnnounceEvent.Completed, left: 0, Good);
        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(AnnounceEvent.None), "completed is sent once");
        Assert.That(schedule.Announced, Is.EqualTo(new[] { tracker }));
        TierSchedule.Stopped(tracker);
        Assert.That(schedule.Announced, Is.Empty);
    }

    // BEP 3: "completed" is not sent when the download was complete at the start.
    [TestCase(0L, nameof(AnnounceEvent.None))]
    [TestCase(1L, nameof(AnnounceEvent.Completed))]
    public void A_tracker_that_was_told_started_of_a_whole_torrent_is_not_told_completed(long left, string next)
    {
        var schedule = Started(["a"]);
        var tracker = Begin(schedule).Trackers[0];

        TierSchedule.Acknowledged(tracker, AnnounceEvent.Started, left, Good);
        schedule.Completed(Seconds(1));

        Assert.That(schedule.NextEvent(tracker), Is.EqualTo(Enum.Parse<AnnounceEvent>(next)));
    }

    [Test]
    public void Completed_is_due_at_once_for_trackers_that_saw_us_start_and_no_others()
    {
        var schedule = Started(["a"], ["b"]);
        var rounds = schedule.TakeDue(Seconds(0), static _ => null);
        TierSchedule.Acknowledged(rounds[0].Trackers[0], AnnounceEvent.Started, left: 7, Good);
        schedule.Worked(rounds[0].Tier, rounds[0].Trackers[0], Good, isAlone: false, Seconds(0));
        schedule.Failed(rounds[1].Tier, Bad, Seconds(0));

        schedule.Completed(Seconds(3));

        Assert.That(Take(schedule, 3), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void Completed_during_the_round_that_says_started_is_due_right_after_it()
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);

        schedule.Completed(Seconds(1));
        TierSchedule.Acknowledged(tier.Trackers[0], AnnounceEvent.Started, left: 7, Good);
        schedule.Worked(tier, tier.Trackers[0], Good, isAlone: false, Seconds(2));

        Assert.That(Take(schedule, 2), Is.EqualTo(new[] { "a" }));
        Assert.That(schedule.NextEvent(tier.Trackers[0]), Is.EqualTo(AnnounceEvent.Completed));
    }

    [TestCase(nameof(AnnounceEvent.Started), true)]
    [TestCase(nameof(AnnounceEvent.None), false)]
    public void A_started_that_was_cut_short_may_have_been_heard(string told, bool isAnnounced)
    {
        var schedule = Started(["a"]);
        var tracker = Begin(schedule).Trackers[0];

        TierSchedule.MayHaveHeard(tracker, Enum.Parse<AnnounceEvent>(told));

        Assert.That(schedule.Announced.Any(), Is.EqualTo(isAnnounced));
    }

    [TestCase(false, "b")]
    [TestCase(true, "a b")]
    public void When_this_machine_returns_failed_tiers_are_due_and_all_of_them_when_we_may_be_forgotten(bool all, string asked)
    {
        var schedule = Started(["a"], ["b"]);
        var rounds = schedule.TakeDue(Seconds(0), static _ => null);
        schedule.Worked(rounds[0].Tier, rounds[0].Trackers[0], Good, isAlone: false, Seconds(0));
        schedule.Failed(rounds[1].Tier, Bad, Seconds(0));

        schedule.Returned(all, AnnounceUrgency.Regular, Seconds(2));

        Assert.That(string.Join(' ', Take(schedule, 2)), Is.EqualTo(asked));
    }

    [Test]
    public void A_private_torrent_leaves_extra_trackers_and_those_that_its_file_does_not_name()
    {
        var schedule = Started(["a"], ["old"]);
        schedule.Add([Addresses("extra")], isExtra: true, Seconds(0));
        foreach (var (_, trackers) in schedule.TakeDue(Seconds(0), static _ => null))
        {
            TierSchedule.Acknowledged(trackers[0], AnnounceEvent.Started, left: 7, Good);
        }

        var told = schedule.KeepOnly(Addresses("a", "extra").Select(a => a.Uri).ToHashSet());

        Assert.That(told.Select(t => t.Host), Is.EqualTo(new[] { "old", "extra" }));
        Assert.That(schedule.Tiers.SelectMany(t => t.Trackers).Select(t => t.Host), Is.EqualTo(new[] { "a" }));
    }

    [TestCase("works", "closed", TestName = "The tracker that worked is left: whether another one of its tier does is not known")]
    [TestCase("other", null, TestName = "Another tracker is left: the tier still works")]
    public void A_private_torrent_leaves_a_tracker(string left, string? trouble)
    {
        var schedule = Started(["works", "other"], ["fails"]);
        var rounds = schedule.TakeDue(Seconds(0), static _ => null);
        var works = rounds[0].Trackers.Single(static tracker => tracker.Host == "works");
        schedule.Worked(rounds[0].Tier, works, Good, isAlone: false, Seconds(0));
        schedule.Failed(rounds[1].Tier, Bad, Seconds(0));
        Assert.That(schedule.Trouble, Is.Null);

        schedule.KeepOnly(Addresses("works", "other", "fails").Where(a => a.Host != left).Select(a => a.Uri).ToHashSet());

        Assert.That(schedule.Trouble, Is.EqualTo(trouble));
    }

    [Test]
    public void A_tracker_that_acknowledges_started_after_it_was_left_is_to_be_told_stopped()
    {
        var schedule = Started(["a"], ["old"]);
        var (tier, trackers) = schedule.TakeDue(Seconds(0), static _ => null)[1];

        Assert.That(schedule.KeepOnly(Addresses("a").Select(a => a.Uri).ToHashSet()), Is.Empty, "it knows nothing of us yet");
        Assert.That(TierSchedule.Acknowledged(trackers[0], AnnounceEvent.Started, left: 7, Good), Is.True);
        schedule.Worked(tier, trackers[0], Good, isAlone: false, Seconds(1));
        Assert.That(Take(schedule, 1_000_000), Does.Not.Contain("old"));
    }

    [Test]
    public void Trackers_that_come_later_are_due_at_once_and_known_ones_are_not_moved()
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);
        schedule.Worked(tier, tier.Trackers[0], Good, isAlone: false, Seconds(0));

        schedule.Add([Addresses("a", "b"), Addresses("c")], isExtra: false, Seconds(5));

        Assert.That(Take(schedule, 5), Is.EqualTo(new[] { "b", "c" }));
    }

    [TestCase(100, 0)]
    [TestCase(101, 1)]
    [TestCase(3000, 2900)]
    public void At_most_100_trackers_are_asked(int count, int leftOut)
    {
        var schedule = new TierSchedule(0, new Random(1));

        var left = schedule.Add(
            Enumerable.Range(0, count).Select(i => (IEnumerable<TrackerAddress>)Addresses($"t{i}")),
            isExtra: false,
            Seconds(0)
        );

        Assert.That(left, Is.EqualTo(leftOut));
        Assert.That(schedule.Tiers, Has.Count.EqualTo(100));
    }

    [Test]
    public void Nothing_is_due_before_the_start_and_after_the_stop()
    {
        var schedule = New(new Random(1), ["a"]);
        Assert.That(schedule.NextDue, Is.Null);
        Assert.That(Take(schedule, 10), Is.Empty);

        schedule.Start(Seconds(10));
        schedule.Stop();

        Assert.That(schedule.NextDue, Is.Null);
        Assert.That(Take(schedule, 10), Is.Empty);
    }

    [Test]
    public void A_second_start_changes_nothing()
    {
        var schedule = Started(["a"]);
        schedule.Worked(Begin(schedule), schedule.Tiers[0].Trackers[0], Good, isAlone: false, Seconds(0));

        schedule.Start(Seconds(1));

        Assert.That(schedule.NextDue, Is.EqualTo(Seconds(1800)));
    }

    // What is shown: nothing while a tier works, but for its tracker's warning; else the first failure.
    [TestCase("", "", "no tracker is known that can be asked")]
    [TestCase("-", "-", null)]
    [TestCase("fails", "-", "closed")]
    [TestCase("fails", "works", null)]
    [TestCase("works", "fails", null)]
    [TestCase("works", "warns", "b warns: beware")]
    [TestCase("fails", "warns", "b warns: beware")]
    public void The_trouble_that_is_shown(string first, string second, string? expected)
    {
        var schedule = first.Length == 0 ? Started() : Started(["a"], ["b"]);
        foreach (var ((tier, trackers), how) in schedule.TakeDue(Seconds(0), static _ => null).Zip([first, second]))
        {
            if (how == "fails")
            {
                schedule.Failed(tier, Bad, Seconds(0));
            }
            else if (how != "-")
            {
                var answer = Good with { Warning = how == "warns" ? "beware" : null };
                TierSchedule.Acknowledged(trackers[0], AnnounceEvent.Started, left: 7, answer);
                schedule.Worked(tier, trackers[0], answer, isAlone: false, Seconds(0));
            }
        }

        Assert.That(schedule.Trouble, Is.EqualTo(expected));
    }

    [Test]
    public void A_warning_that_is_gone_from_the_next_answer_is_not_shown_any_more()
    {
        var schedule = Started(["a"]);
        var tier = Begin(schedule);
        TierSchedule.Acknowledged(tier.Trackers[0], AnnounceEvent.Started, left: 7, Good with { Warning = "beware" });
        schedule.Worked(tier, tier.Trackers[0], Good, isAlone: false, Seconds(0));
        Assert.That(schedule.Trouble, Is.Not.Null);

        TierSchedule.Acknowledged(tier.Trackers[0], AnnounceEvent.None, left: 7, Good);

        Assert.That(schedule.Trouble, Is.Null);
    }

    private static TierSchedule New(Random random, params string[][] tiers)
    {
        var schedule = new TierSchedule(0, random);
        schedule.Add(tiers.Select(hosts => (IEnumerable<TrackerAddress>)Addresses(hosts)), isExtra: false, Seconds(0));
        return schedule;
    }

    private static TierSchedule Started(params string[][] tiers)
    {
        var schedule = New(new Random(1), tiers);
        schedule.Start(Seconds(0));
        return schedule;
    }

    private static List<TrackerAddress> Addresses(params string[] hosts)
    {
        return [.. hosts.Select(host => new TrackerAddress(new Uri($"udp://{host}:6969")))];
    }

    private static TrackerTier Begin(TierSchedule schedule, int second = 0)
    {
        return schedule.TakeDue(Seconds(second), static _ => null).Single().Tier;
    }

    private static string[] Take(TierSchedule schedule, int second)
    {
        return [.. schedule.TakeDue(Seconds(second), static _ => null).Select(round => round.Trackers[0].Host)];
    }

    private static string Order(TierSchedule schedule, int tier)
    {
        return string.Concat(schedule.Tiers[tier].Trackers.Select(tracker => tracker.Host));
    }

    private static TimeSpan Seconds(int seconds)
    {
        return TimeSpan.FromSeconds(seconds);
    }
}
