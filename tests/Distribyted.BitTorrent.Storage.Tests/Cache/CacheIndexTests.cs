using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>What is evicted first. Each group is one piece of one slot; the torrents are closed (c), open without readers (q) or read (r).</summary>
[TestFixture]
internal sealed class CacheIndexTests
{
    private const long Second = 1; // ticks of the clock given to Touch

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

    [Test]
    public void A_group_larger_than_what_may_go_evicts_nothing()
    {
        var bed = Build("c0 c1 c2", "use c0,use c1");

        Assert.That(bed.TryCreate(parts: 2, SpaceNeed.Urgent), Is.Null);

        Assert.That(bed.Evicted, Is.Empty);
        Assert.That(bed.Index.LiveSlots, Is.EqualTo(3));
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
        private long _now = 1000 * Second;
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
                if (name != 'c')
                {
                    torrent.View = new TorrentView(@lock, torrent, content.Info, new RecordedEvents());
                }

                if (name == 'r')
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
                case "window":
                    var torrent = _torrents[words[1][0]];
                    torrent.Windows.Clear();
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
