using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>What is evicted first. Each group is one piece of one slot; the torrents are closed (c, d), open without readers (q) or read (r, s).</summary>
[TestFixture]
internal sealed class CacheIndexTests
{
    private const long Second = 1; // ticks of the clock given to Touch

    private static readonly InfoHash Hash = new([.. Enumerable.Repeat((byte)1, 20)]);
    private static readonly InfoHash OtherHash = new([.. Enumerable.Repeat((byte)2, 20)]);

    private readonly Lock _lock = new();

    // Groups in the order in which they came, "torrent + number"; then what happens to them, then the order of eviction.
    [TestCase("c0 c1 c2", "", "c0 c1 c2", TestName = "Oldest first")]
    [TestCase("c0 c1 c2", "touch c0", "c1 c2 c0", TestName = "What a reader used goes later")]
    [TestCase("c0 c1 c2", "touch c0,later,touch c0,touch c1", "c2 c1 c0", TestName = "What was used twice goes last")]
    [TestCase(
        "c0 c1 c2",
        "touch c0,touch c0,touch c1",
        "c2 c0 c1",
        TestName = "A second touch in the same half minute is the same reading"
    )]
    [TestCase("r0 q0 c0", "", "c0 q0 r0", TestName = "Closed, then open without readers, then read")]
    [TestCase("r0 r1 r2", "window r 1 2", "r0", TestName = "Never inside a window")]
    [TestCase("q0 q1", "pin q0", "q1", TestName = "Never what a reader pinned")]
    [TestCase("c0 c1", "use c0", "c1", TestName = "Never what is being written")]
    [TestCase("c0 c1", "read c0", "c1", TestName = "Never what is being read")]
    [TestCase("c0 c1 c2", "second c0", "c1 c2 c0", TestName = "The ends of long files have a second chance")]
    [TestCase("c0 c1 c2", "second c0,second c1", "c2 c0 c1", TestName = "A second chance is one")]
    [TestCase("c0", "second c0", "c0", TestName = "A second chance is of no use to the only one")]
    [TestCase("c0 d0 c1", "", "c0 c1 d0", TestName = "Of closed torrents the one that was closed first")]
    [TestCase("r0 s0 r1 s1", "", "r0 s0 r1 s1", TestName = "Of torrents that are read the oldest use")]
    [TestCase("r0 s0 r1", "touch r0", "s0 r1 r0", TestName = "Of torrents that are read the oldest use, by readers, too")]
    [TestCase(
        "c0 c1 c2 c3 c4 c5",
        "touch c0,touch c1,touch c2,touch c3,touch c4,later,touch c0,touch c1,touch c2,touch c3,touch c4,touch c5",
        "c0 c5 c1 c2 c3 c4",
        TestName = "What was used twice has four fifths of the cache"
    )]
    [TestCase(
        "c0 c1 c2 c3 c4 c5",
        "touch c0,touch c1,touch c2,touch c3,touch c4,later,touch c0,touch c1,touch c2,touch c3,drop c0,touch c4,touch c5",
        "c5 c1 c2 c3 c4",
        TestName = "What was used twice and is gone leaves its share to others"
    )]
    public void Groups_are_evicted_in_this_order(string groups, string events, string expected)
    {
        var bed = Build(groups, events);

        Assert.That(bed.EvictInOrder(), Is.EqualTo(expected));
    }

    // All of it lies in the window 0..4 of a reader; the reader's next byte is in piece 2.
    [TestCase(SpaceNeed.Ahead, "r0 r1", TestName = "Ahead: only what the reader has behind it, farthest first")]
    [TestCase(SpaceNeed.Urgent, "r0 r1 r4 r3", TestName = "Urgent: then what lies ahead, farthest first")]
    [TestCase(SpaceNeed.Overdue, "r0 r1 r4 r3 r2", TestName = "Overdue: then what the reader is in")]
    public void In_a_window_the_need_decides_how_much_may_go(object need, string expected)
    {
        var bed = Build("r0 r1 r2 r3 r4", "window r 0 4 2");

        Assert.That(bed.EvictAll((SpaceNeed)need), Is.EqualTo(expected));
    }

    [TestCase(
        "r0 r1 r2 r3 r4",
        "window r 0 4 2,read r0,pin r1,use r2",
        "r4 r3",
        TestName = "Never what is in use, pinned or being written"
    )]
    [TestCase("r0 r1", "window r 0 1 0,also r 0 1 1,touch r0", "r1 r0", TestName = "Where readers are, the oldest use")]
    [TestCase(
        "r0 r1 r2",
        "window r 0 1 0,also r 1 2 2",
        "r1 r0 r2",
        TestName = "Ahead of one reader and behind another goes before where they are"
    )]
    public void A_reader_that_waited_longest_gets_what_may_go(string groups, string events, string expected)
    {
        var bed = Build(groups, events);

        Assert.That(bed.EvictAll(SpaceNeed.Overdue), Is.EqualTo(expected));
    }

    // Of two readers in one window one is at its start and one at its end, so that all between them is ahead of the first.
    [TestCase("window r 0 4", "r4 r3 r2 r1", TestName = "A reader without a position is at the start of its window")]
    [TestCase(
        "window r 0 4 4,also r 0 4 0",
        "r1 r2 r3",
        TestName = "What is behind one reader and ahead of another goes, but not where they are"
    )]
    public void A_reader_that_waits_gets_what_lies_ahead_of_others(string events, string expected)
    {
        var bed = Build("r0 r1 r2 r3 r4", events);

        Assert.That(bed.EvictAll(SpaceNeed.Urgent), Is.EqualTo(expected));
    }

    [Test]
    public void A_group_larger_than_what_may_go_evicts_nothing()
    {
        var bed = Build("c0 c1 c2", "use c0,use c1");

        Assert.That(bed.TryCreate(parts: 2, SpaceNeed.Urgent), Is.Null);

        Assert.That(bed.Evicted, Is.Empty);
        Assert.That(bed.Index.LiveSlots, Is.EqualTo(3));
        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent), Is.Not.Null, "what was spared may go for a smaller one");
        Assert.That(bed.Evicted, Is.EqualTo(new[] { "c2" }));
    }

    [Test]
    public void Space_that_is_free_is_given_while_pinned_slots_are_checked()
    {
        var bed = Build("c0", "");
        bed.Index.Pinned.Add(bed.Slot("c0"));
        bed.EvictInOrder();
        Assert.That(bed.Index.Pinned.IsChecking);

        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent), Is.Not.Null);
    }

    [Test]
    public void Slots_that_were_pinned_are_not_given_away_before_quarantine_ends()
    {
        var bed = Build("c0 c1", "");
        bed.Index.Pinned.Add(bed.Slot("c0"));
        bed.Index.Pinned.Add(bed.Slot("c1"));

        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent), Is.Null);
        Assert.That(bed.Evicted, Is.EqualTo(new[] { "c0" }));
        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent), Is.Null, "while it is checked nothing else is evicted");
        Assert.That(bed.Evicted, Has.Count.EqualTo(1));

        var slot = bed.Index.Pinned.BeginCheck().Single();
        bed.Index.EndQuarantine(slot);

        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent)!.Slots, Is.EqualTo(new[] { slot }));
    }

    [Test]
    public void Slots_that_the_disk_refused_come_back_with_the_next_try()
    {
        var bed = Build("c0", "");
        var group = bed.TryCreate(parts: 1, SpaceNeed.Urgent)!;
        var slot = group.Slots[0];
        bed.Index.BeginUse(group);
        bed.Index.GrowthStopped = true;

        bed.Index.SetAsideIfEmpty(group);
        bed.Index.EndUse(group);

        Assert.That(bed.Index.BusySlots, Is.Zero);
        bed.Index.RetrySetAside();
        Assert.That(bed.Index.GrowthStopped, Is.False);
        Assert.That(bed.TryCreate(parts: 1, SpaceNeed.Urgent)!.Slots, Is.EqualTo(new[] { slot }));
    }

    // Two slots of three are used; a victim of two slots goes for one that is missing. What was reserved for the third is given back.
    [Test]
    public void A_victim_that_is_larger_than_what_is_missing_costs_no_space()
    {
        var index = new CacheIndex(new DiskBudget(3L * 256.KiB(), static () => (0, 0)), 256.KiB(), capacity: 3);
        var torrent = index.GetOrAdd(Hash);
        for (var number = 0; number < 2; number++)
        {
            index.SetStored(index.TryCreate(torrent, number, 2, SpaceNeed.Urgent, Evict)!, 1, 100);
        }

        Assert.That(index.TryCreate(torrent, 2, 3, SpaceNeed.Urgent, Evict)?.Slots, Is.EquivalentTo(new[] { 0, 1, 2 }));

        void Evict(CacheGroup victim)
        {
            index.Unlink(victim);
            index.FreeIfUnused(victim);
        }
    }

    // What is fetched ahead of readers leaves a quarter of the cache to those that wait.
    [Test]
    public void Pieces_that_are_fetched_ahead_are_in_use_in_three_quarters_of_the_cache_at_most()
    {
        var index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), capacity: 8);
        var torrent = index.GetOrAdd(Hash);
        for (var number = 0; number < 6; number++)
        {
            index.BeginUse(index.TryCreate(torrent, number, 1, SpaceNeed.Ahead, static _ => { })!);
        }

        Assert.That(index.TryCreate(torrent, 6, 1, SpaceNeed.Ahead, static _ => { }), Is.Null);
        Assert.That(index.TryCreate(torrent, 6, 1, SpaceNeed.Urgent, static _ => { }), Is.Not.Null);
    }

    [Test]
    public void A_disk_that_is_full_is_the_size_of_the_cache()
    {
        var index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), capacity: 100);
        var torrent = index.GetOrAdd(Hash);
        List<CacheGroup> groups =
        [
            .. Enumerable.Range(0, 4).Select(n => index.TryCreate(torrent, n, 1, SpaceNeed.Ahead, static _ => { })!),
        ];
        groups.ForEach(index.BeginUse);
        groups.ForEach(group => index.SetStored(group, 1, 100));
        index.GrowthStopped = true;
        index.EndUse(groups[0]);

        Assert.That(
            index.TryCreate(torrent, 4, 1, SpaceNeed.Ahead, static _ => Assert.Fail("nothing goes for it")),
            Is.Null,
            "three of four slots are in use"
        );
        index.EndUse(groups[1]);
        Assert.That(
            index.TryCreate(torrent, 4, 1, SpaceNeed.Ahead, index.Unlink),
            Is.Null,
            "the slot is free when the victim's is given back"
        );
        Assert.That(index.Grown, Is.EqualTo(4));
    }

    [Test]
    public void A_cache_without_limit_has_no_share_for_what_is_ahead()
    {
        var index = new CacheIndex(new DiskBudget(-1, static () => (1L << 40, 1L << 40)), 256.KiB(), int.MaxValue);
        var torrent = index.GetOrAdd(Hash);
        index.GrowthStopped = false;
        for (var number = 0; number < 4; number++)
        {
            var group = index.TryCreate(torrent, number, 1, SpaceNeed.Ahead, static _ => { });
            Assert.That(group, Is.Not.Null);
            index.BeginUse(group!);
        }

        index.GrowthStopped = true;

        Assert.That(index.TryCreate(torrent, 4, 1, SpaceNeed.Ahead, static _ => { }), Is.Null);
        Assert.That(index.IsDiskTheLimit);
    }

    // Five groups are used twice. Without a limit the cache is as large as it has grown.
    [TestCase(int.MaxValue, 4)]
    [TestCase(5, 4)]
    [TestCase(10, 5)]
    public void Four_fifths_are_of_the_limit_or_without_one_of_what_has_grown(int capacity, int kept)
    {
        var index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), capacity);
        var torrent = index.GetOrAdd(Hash);
        List<CacheGroup> groups =
        [
            .. Enumerable.Range(0, 5).Select(n => index.TryCreate(torrent, n, 1, SpaceNeed.Urgent, static _ => { })!),
        ];

        groups.ForEach(group => index.Touch(group, now: 1, frequency: Second));
        groups.ForEach(group => index.Touch(group, now: 100, frequency: Second));

        Assert.That(groups.Where(group => group.List == torrent.Protected), Is.EqualTo(groups.TakeLast(kept)));
    }

    // Slots of the last run: 0 and 3 hold nothing.
    [Test]
    public void Of_the_last_run_s_slots_those_without_a_group_are_given_away_and_no_others()
    {
        var budget = new DiskBudget(5L * 256.KiB(), static () => (0, 0));
        var index = new CacheIndex(budget, 256.KiB(), capacity: 100);
        index.Adopt(4, new HashSet<int> { 1, 2 });
        Assert.That(budget.Reserved, Is.EqualTo(4L * 256.KiB()));
        Assert.That(index.LiveSlots, Is.EqualTo(2));

        var torrent = index.GetOrAdd(Hash);
        var given = Enumerable.Range(0, 4).Select(n => index.TryCreate(torrent, n, 1, SpaceNeed.Ahead, static _ => { })).ToList();
        given.FindAll(static g => g is not null).ForEach(g => index.BeginUse(g!));

        Assert.That(given.Take(3).Select(g => g!.Slots[0]), Is.EqualTo(new[] { 0, 3, 4 }));
    }

    [Test]
    public void Groups_of_the_last_run_are_evicted_in_the_order_of_its_journal_and_reused_ones_last()
    {
        var index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), capacity: 5);
        index.Adopt(5, Enumerable.Range(0, 5).ToHashSet());
        var (a, b) = (index.GetOrAdd(Hash), index.GetOrAdd(OtherHash));
        foreach (var (torrent, slot, reused) in new[] { (a, 0, true), (b, 1, true), (b, 2, false), (a, 3, false), (a, 4, false) })
        {
            var group = new CacheGroup(torrent, slot, [slot]);
            index.AddStored(group, reused);
            index.SetStored(group, 1, 100);
        }

        Assert.That(index.GroupCount, Is.EqualTo(5));
        List<int> order = [];
        while (index.FindVictim() is { } victim)
        {
            order.Add(victim.Number);
            index.Unlink(victim);
            index.FreeIfUnused(victim);
        }

        Assert.That(order, Is.EqualTo(new[] { 2, 1, 3, 4, 0 }), "torrent b was used before torrent a");
        Assert.That((index.GroupCount, index.TorrentCount, index.LiveSlots), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void A_torrent_without_groups_stays_while_a_piece_of_it_is_in_memory_and_then_forgets_its_name()
    {
        var bed = Build("c0", "");
        var torrent = bed.Torrent('c');
        torrent.JournalName = 7;
        torrent.Ram.Add(0, null!);
        bed.EvictInOrder();

        Assert.That(bed.Index.Find(torrent.Hash), Is.SameAs(torrent));
        Assert.That(torrent.JournalName, Is.EqualTo(7));

        torrent.Ram.Clear();
        bed.Index.Reposition(torrent);

        Assert.That(bed.Index.Find(torrent.Hash), Is.Null);
        Assert.That(torrent.JournalName, Is.Zero, "the journal may have been rewritten without it");
        bed.Index.Reposition(torrent);
        Assert.That(bed.Index.InOrder, Has.No.Member(torrent));
    }

    [Test]
    public void Pieces_that_are_gone_are_not_confirmed_any_more_and_their_bytes_do_not_count()
    {
        var bed = Build("c0 c1", "");
        var group = bed.Group("c0");
        group.Confirmed = 1;

        bed.Index.ClearStored(group, 2);
        Assert.That((group.Stored, group.Confirmed, bed.Index.PieceCount), Is.EqualTo((1UL, 1UL, 2L)));

        bed.Index.ClearStored(group, 1);
        Assert.That((group.Stored, group.Confirmed), Is.EqualTo((0UL, 0UL)));
        Assert.That((bed.Index.PieceCount, bed.Index.ByteCount), Is.EqualTo((1L, (long)256.KiB())));
    }

    [Test]
    public void A_group_that_would_have_gone_but_for_its_readers_is_marked()
    {
        var bed = Build("c0 c1 c2", "read c0,use c1");

        Assert.That(bed.EvictInOrder(), Is.EqualTo("c2"));

        Assert.That((bed.Group("c0").WasMissed, bed.Group("c1").WasMissed), Is.EqualTo((true, false)));
    }

    private Bed Build(string groups, string events)
    {
        var bed = new Bed(_lock, groups.Split(' '));
        foreach (var one in events.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            bed.Apply(one.Split(' '));
        }

        return bed;
    }

    private sealed class Bed
    {
        private readonly Dictionary<char, CachedTorrent> _torrents = [];
        private readonly Dictionary<string, CacheGroup> _groups = [];
        private readonly CachedTorrent _wanting;
        private long _now = 1_000_000 * Second;
        private int _made;

        public Bed(Lock @lock, string[] groups)
        {
            // A victim is asked for with a full cache: as many slots as groups, plus none.
            Index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), groups.Length < 2 ? 2 : groups.Length);
            foreach (var name in groups.Select(g => g[0]).Distinct())
            {
                var content = new TestContent(8L * 256.KiB(), 256.KiB(), name);
                var torrent = Index.GetOrAdd(content.Info.InfoHash);
                torrent.Layout = new GroupLayout(content.Layout, 256.KiB());
                if (name is not ('c' or 'd'))
                {
                    torrent.View = new TorrentView(@lock, torrent, content.Info, new RecordedEvents());
                }

                if (name is 'r' or 's')
                {
                    torrent.Windows.Add(new KeptWindow(99, 7, 7, -1));
                }

                _torrents.Add(name, torrent);
            }

            foreach (var name in groups)
            {
                var torrent = _torrents[name[0]];
                var group = Index.TryCreate(torrent, name[1] - '0', 1, SpaceNeed.Urgent, static _ => throw new InvalidOperationException());
                Index.SetStored(group!, 1, 256.KiB());
                _groups.Add(name, group!);
                Index.Reposition(torrent);
            }

            var other = new TestContent(1.MiB(), 256.KiB(), 'x');
            _wanting = Index.GetOrAdd(other.Info.InfoHash);
            _wanting.Layout = new GroupLayout(other.Layout, 256.KiB());
            _wanting.View = new TorrentView(@lock, _wanting, other.Info, new RecordedEvents());
        }

        public CacheIndex Index { get; }

        public List<string> Evicted { get; } = [];

        public void Apply(string[] words)
        {
            switch (words[0])
            {
                case "touch":
                    Index.Touch(_groups[words[1]], _now++, Second * 1000);
                    break;
                case "later":
                    _now += 31 * 1000 * Second;
                    break;
                case "drop":
                    Index.Unlink(_groups[words[1]]);
                    Index.FreeIfUnused(_groups[words[1]]);
                    break;
                case "window" or "also":
                    var torrent = _torrents[words[1][0]];
                    torrent.Windows.RemoveAll(_ => words[0] == "window");
                    torrent.Windows.Add(
                        new KeptWindow(1, int.Parse(words[2]), int.Parse(words[3]), words.Length > 4 ? int.Parse(words[4]) : -1)
                    );
                    break;
                case "pin":
                    _groups[words[1]].Torrent.PinnedPieces[_groups[words[1]].Number] = 1;
                    break;
                case "use":
                    Index.BeginUse(_groups[words[1]]);
                    break;
                case "read":
                    _groups[words[1]].Pins++;
                    break;
                case "second":
                    _groups[words[1]].SecondChance = true;
                    break;
            }
        }

        public int Slot(string group)
        {
            return _groups[group].Slots[0];
        }

        public CacheGroup Group(string group)
        {
            return _groups[group];
        }

        public CachedTorrent Torrent(char torrent)
        {
            return _torrents[torrent];
        }

        public string EvictInOrder()
        {
            while (Index.FindVictim() is { } victim)
            {
                Evict(victim);
            }

            return string.Join(' ', Evicted);
        }

        public string EvictAll(SpaceNeed need)
        {
            for (var i = 0; i < _groups.Count; i++)
            {
                if (TryCreate(1, need) is not { } made)
                {
                    break;
                }

                Index.BeginUse(made);
            }

            return string.Join(' ', Evicted);
        }

        public CacheGroup? TryCreate(int parts, SpaceNeed need)
        {
            return Index.TryCreate(_wanting, _made++, parts, need, Evict);
        }

        private void Evict(CacheGroup victim)
        {
            Evicted.Add(_groups.Single(g => g.Value == victim).Key);
            Index.Unlink(victim);
            Index.FreeIfUnused(victim);
        }
    }
}
