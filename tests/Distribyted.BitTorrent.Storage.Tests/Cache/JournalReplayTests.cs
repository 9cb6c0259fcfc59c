using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>What a journal says in the end, and that the writer's records say what the groups are.</summary>
[TestFixture]
internal sealed class JournalReplayTests
{
    private const int Slot = 256 * 1024;

    private static readonly InfoHash Hash = new([.. Enumerable.Range(0, 20).Select(i => (byte)i)]);

    [Test]
    public void A_group_of_several_slots_is_read_as_it_was_written()
    {
        var torrent = new CachedTorrent(Hash);
        var group = Add(torrent.Protected, torrent, 5, [7, 3, 9]);
        var writer = new JournalWriter(Slot);
        writer.AddGroup(group, mask: 1, bytes: (2 * Slot) + 100);

        var records = Read(writer);
        var found = Finish(records, slotCount: 10).Single();

        Assert.That(records.Skip(1).Select(r => r.Used), Is.EqualTo(new[] { Slot, Slot, 100 }));
        Assert.That(
            (found.Hash, found.Group, found.Mask, found.Bytes, found.Flags),
            Is.EqualTo((Hash, 5, 1UL, (2L * Slot) + 100, JournalRecord.Reused))
        );
        Assert.That(found.Slots, Is.EqualTo(new[] { 7, 3, 9 }));
    }

    [Test]
    public void A_torrent_is_named_once_and_numbers_go_on_after_those_of_the_last_run()
    {
        var torrent = new CachedTorrent(Hash);
        var writer = new JournalWriter(Slot);
        writer.ContinueAfter(41);
        writer.ContinueAfter(40);
        writer.AddGroup(Add(torrent.Probation, torrent, 0, [0]), 1, 100);
        writer.AddGroup(Add(torrent.Probation, torrent, 1, [1]), 1, 100);
        writer.AddDrop(1);

        var records = Read(writer);

        Assert.That(
            records.Select(r => r.Kind),
            Is.EqualTo(new[] { JournalKind.Torrent, JournalKind.Put, JournalKind.Put, JournalKind.Drop })
        );
        Assert.That(records.Select(r => r.Sequence), Is.EqualTo(new[] { 42UL, 43UL, 44UL, 45UL }));
        Assert.That(torrent.JournalName, Is.EqualTo(42));
        Assert.That(records[1].Flags, Is.Zero);
        writer.Clear();
        Assert.That(writer.Records.IsEmpty);
    }

    [Test]
    public void A_batch_may_have_any_length()
    {
        var writer = new JournalWriter(Slot);
        for (var i = 0; i < 1000; i++)
        {
            writer.AddDrop(i);
        }

        Assert.That(Read(writer).Select(r => r.Slot), Is.EqualTo(Enumerable.Range(0, 1000)));
    }

    [Test]
    public void Groups_come_in_the_order_of_their_records_and_the_last_number_is_known()
    {
        var replay = new JournalReplay();
        foreach (
            var record in new[]
            {
                JournalRecord.ForTorrent(1, Hash),
                Put(9, slot: 0, group: 3),
                Put(4, slot: 1, group: 2),
                Put(7, slot: 2, group: 1),
            }
        )
        {
            replay.Apply(record);
        }

        Assert.That(replay.LastSequence, Is.EqualTo(9));
        Assert.That(replay.Finish(3).Select(g => g.Group), Is.EqualTo(new[] { 2, 1, 3 }));
    }

    // The older slot was evicted, which needs no record; in whatever order the slots come.
    [TestCase(5, 6, 1)]
    [TestCase(6, 5, 0)]
    public void Of_two_slots_with_the_same_part_the_newer_one_counts(int first, int second, int slot)
    {
        var found = Finish([JournalRecord.ForTorrent(1, Hash), Put((ulong)first, 0, 4), Put((ulong)second, 1, 4)], slotCount: 2);

        Assert.That(found.Single().Slots, Is.EqualTo(new[] { slot }));
    }

    [TestCase(8, 0)]
    [TestCase(9, 1)]
    public void Slots_past_the_end_of_the_files_hold_nothing(int slotCount, int groups)
    {
        Assert.That(Finish([JournalRecord.ForTorrent(1, Hash), Put(2, slot: 8, group: 0)], slotCount), Has.Count.EqualTo(groups));
    }

    [Test]
    public void A_slot_of_a_torrent_without_a_name_holds_nothing()
    {
        Assert.That(Finish([Put(2, 0, 0)], slotCount: 1), Is.Empty);
    }

    // Of a group with several slots each part has to be there, of as many; and it is one long piece.
    [TestCase(2, 1, 2, 1UL, true)]
    [TestCase(2, 0, 2, 1UL, false, TestName = "A part that is missing")]
    [TestCase(2, 1, 3, 1UL, false, TestName = "A part of a group with other parts")]
    [TestCase(3, 1, 3, 1UL, false, TestName = "The last part is missing")]
    [TestCase(2, 1, 2, 3UL, false, TestName = "Several pieces in several slots")]
    public void A_group_counts_only_whole(int parts, int secondPart, int secondParts, ulong mask, bool isWhole)
    {
        var found = Finish(
            [
                JournalRecord.ForTorrent(1, Hash),
                JournalRecord.Put(2, 0, parts, 0, 1, 4, 0, mask, Slot),
                JournalRecord.Put(3, 0, secondParts, 1, 1, 4, secondPart, mask, 100),
            ],
            slotCount: 2
        );

        Assert.That(found.Select(g => (g.Slots.Length, g.Bytes)), Is.EqualTo(isWhole ? [(2, Slot + 100L)] : Array.Empty<(int, long)>()));
    }

    [Test]
    public void Several_short_pieces_are_in_one_slot()
    {
        Assert.That(
            Finish([JournalRecord.ForTorrent(1, Hash), JournalRecord.Put(2, 0, 1, 0, 1, 4, 0, 7, Slot)], 1).Single().Mask,
            Is.EqualTo(7)
        );
    }

    private static JournalRecord Put(ulong sequence, int slot, int group)
    {
        return JournalRecord.Put(sequence, 0, 1, slot, 1, group, 0, 1, Slot);
    }

    private static CacheGroup Add(GroupList list, CachedTorrent torrent, int number, int[] slots)
    {
        var group = new CacheGroup(torrent, number, slots);
        list.AddNewest(group);
        return group;
    }

    private static List<JournalRecord> Read(JournalWriter writer)
    {
        var bytes = writer.Records;
        List<JournalRecord> records = [];
        for (; !bytes.IsEmpty; bytes = bytes[JournalRecord.Length..])
        {
            Assert.That(JournalRecord.TryRead(bytes, out var record));
            records.Add(record);
        }

        return records;
    }

    private static List<ReplayedGroup> Finish(IEnumerable<JournalRecord> records, int slotCount)
    {
        var replay = new JournalReplay();
        foreach (var record in records)
        {
            replay.Apply(record);
        }

        return replay.Finish(slotCount);
    }
}
