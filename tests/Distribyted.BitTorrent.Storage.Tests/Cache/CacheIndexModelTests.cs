using System.Numerics;
using CsCheck;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>Whatever happens to groups: a slot has one owner, and the counts are those of a plain list of groups.</summary>
[TestFixture]
internal sealed class CacheIndexModelTests
{
    private static readonly InfoHash[] Hashes = [.. Enumerable.Range(0, 3).Select(n => new InfoHash([.. Enumerable.Repeat((byte)n, 20)]))];

    // Once the number of slots is the limit, once the disk space is.
    [TestCase(7, 100), TestCase(100, 7)]
    public void A_slot_has_one_owner_and_the_counts_are_right(int capacity, int spaceForSlots)
    {
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 999])
            .Array[1, 150]
            .Sample(events =>
            {
                var bed = new Bed(capacity, spaceForSlots);
                foreach (var (kind, number) in events)
                {
                    bed.Apply(kind, number);
                    bed.Check();
                }

                bed.GiveEverythingBack();
            });
    }

    private sealed class Bed
    {
        private readonly DiskBudget _budget;
        private readonly CacheIndex _index;
        private readonly List<CacheGroup> _groups = []; // those that have slots
        private readonly int _slots;
        private long _now = 1000;

        public Bed(int capacity, int spaceForSlots)
        {
            _slots = Math.Min(capacity, spaceForSlots);
            _budget = new DiskBudget((long)spaceForSlots * 256.KiB(), static () => (0, 0));
            _index = new CacheIndex(_budget, 256.KiB(), capacity);
        }

        public void Apply(int kind, int number)
        {
            switch (kind)
            {
                case 0 or 1:
                    Create(number);
                    break;
                case 2 when Pick(number, static g => g.Busy > 0) is { } group:
                    if (!group.Dead)
                    {
                        _index.SetStored(group, group.Stored | (1UL << (number % 4)), 1000 + number);
                    }

                    _index.EndUse(group);
                    break;
                case 3 when Pick(number, static g => g.Busy > 0) is { } group:
                    _index.EndUse(group);
                    break;
                case 4 when Pick(number, static g => !g.Dead) is { } group:
                    _index.BeginUse(group);
                    break;
                case 5 when Pick(number, static g => !g.Dead && g.Stored != 0) is { } group:
                    group.Pins++;
                    _index.Touch(group, _now += 20, 1);
                    break;
                case 6 when Pick(number, static g => g.Pins > 0) is { } group:
                    group.Pins--;
                    _index.FreeIfUnused(group);
                    break;
                case 7 when Pick(number, static g => !g.Dead) is { } group:
                    Evict(group);
                    break;
                case 8 when Pick(number, static g => g is { Busy: > 0, Dead: false }) is { } group:
                    _index.GrowthStopped = true;
                    var isEmpty = group is { Stored: 0, Busy: 1 };
                    _index.SetAsideIfEmpty(group);
                    Assert.That((group.Dead, group.Slots.Length == 0), Is.EqualTo((isEmpty, isEmpty)), "what holds other pieces stays");
                    _index.EndUse(group);
                    break;
                case 9:
                    _index.RetrySetAside();
                    break;
                case 10 when Pick(number, static g => g.Pins > 0) is { } group:
                    _index.Pinned.Add(group.Slots[0]);
                    break;
                case 11:
                    Array.ForEach(_index.Pinned.BeginCheck(), _index.EndQuarantine);
                    break;
            }

            _groups.RemoveAll(static g => g.Slots.Length == 0);
        }

        public void Check()
        {
            var owned = _groups.SelectMany(static g => g.Slots).ToList();
            Assert.That(owned, Is.Unique.And.All.InRange(0, _index.Grown - 1));
            Assert.That(_index.LiveSlots, Is.EqualTo(owned.Count));
            Assert.That(_index.Grown, Is.LessThanOrEqualTo(_slots));
            Assert.That(_budget.Reserved, Is.EqualTo((long)_index.Grown * 256.KiB()), "no space is reserved for what does not exist");
            Assert.That(_index.BusySlots, Is.EqualTo(_groups.Where(static g => g.Busy > 0).Sum(static g => g.Slots.Length)));

            var listed = _groups.Where(static g => !g.Dead).ToList();
            Assert.That(listed, Has.None.Matches<CacheGroup>(static g => g is { Busy: 0, Stored: 0 }), "what holds nothing is gone");
            Assert.That(
                _groups,
                Has.None.Matches<CacheGroup>(static g => g is { Dead: true, Busy: 0, Pins: 0 }),
                "what is out of use has no slots"
            );
            Assert.That(_index.GroupCount, Is.EqualTo(listed.Count));
            Assert.That(_index.PieceCount, Is.EqualTo(listed.Sum(static g => BitOperations.PopCount(g.Stored))));
            Assert.That(_index.ByteCount, Is.EqualTo(listed.Sum(static g => g.Bytes)));
            Assert.That(_index.InOrder.SelectMany(static t => t.Groups.Values), Is.EquivalentTo(listed));
        }

        /// <summary>When nothing is used any more, every slot can be had again.</summary>
        public void GiveEverythingBack()
        {
            foreach (var group in _groups.ToList())
            {
                group.Pins = 0;
                while (group.Busy > 0)
                {
                    _index.EndUse(group);
                }

                if (!group.Dead)
                {
                    _index.Unlink(group);
                }

                _index.FreeIfUnused(group);
            }

            _groups.Clear();
            _index.RetrySetAside();
            Array.ForEach(_index.Pinned.BeginCheck(), _index.EndQuarantine);
            Check();
            for (var i = 0; i < _slots; i++)
            {
                var group = _index.TryCreate(_index.GetOrAdd(Hashes[0]), i, 1, SpaceNeed.Urgent, static _ => Assert.Fail("there is space"));
                Assert.That(group, Is.Not.Null);
                _index.BeginUse(group!);
                _groups.Add(group!);
            }

            Check();
        }

        private void Create(int number)
        {
            var torrent = _index.GetOrAdd(Hashes[number % 3]);
            var parts = 1 + (number / 3 % 3);
            if (torrent.Groups.ContainsKey(number % 10))
            {
                return;
            }

            var used = _groups.FindAll(static g => g is { Dead: false } && (g.Busy > 0 || g.Pins > 0));
            var group = _index.TryCreate(torrent, number % 10, parts, (SpaceNeed)(number / 9 % 3), Evict);
            Assert.That(used, Has.None.Matches<CacheGroup>(static g => g!.Dead), "what is in use is not evicted");
            if (group is not null)
            {
                Assert.That(group.Slots, Has.Length.EqualTo(parts));
                _index.BeginUse(group);
                _groups.Add(group);
            }
        }

        private void Evict(CacheGroup group)
        {
            _index.Unlink(group);
            _index.FreeIfUnused(group);
        }

        private CacheGroup? Pick(int number, Func<CacheGroup, bool> fits)
        {
            var fitting = _groups.FindAll(group => fits(group));
            return fitting.Count == 0 ? null : fitting[number % fitting.Count];
        }
    }
}
