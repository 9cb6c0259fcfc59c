using CsCheck;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture]
internal sealed class JournalTests : StorageFixture
{
    private const int Slot = 256 * 1024;

    private static readonly InfoHash Hash = new([.. Enumerable.Range(0, 20).Select(i => (byte)i)]);

    [Test]
    public void Records_are_read_as_they_were_written()
    {
        Gen.Select(Gen.Int[0, 1 << 30], Gen.UInt, Gen.Int[0, 2_000_000], Gen.ULong[1, ulong.MaxValue], Gen.Int[0, Slot])
            .Sample(
                (slot, torrent, group, mask, used) =>
                {
                    var record = JournalRecord.Put(77, 1, 3, slot, torrent, group, 2, mask, used);
                    var bytes = new byte[JournalRecord.Length];
                    record.Write(bytes);
                    return JournalRecord.TryRead(bytes, out var read) && read == record;
                }
            );
    }

    [Test]
    public void Any_bytes_are_a_record_or_refused()
    {
        Gen.Byte.Array[0, 96].Sample(bytes => !JournalRecord.TryRead(bytes, out _));
    }

    [Test]
    public void Any_damage_ends_the_journal_at_the_record_before_it()
    {
        Gen.Select(Gen.Int[1, 30], Gen.Int, Gen.Byte[1, 255])
            .Sample(
                (count, at, change) =>
                {
                    using (var journal = SlabJournal.Create(Folder, Slot))
                    {
                        journal.Append(Records(count));
                    }

                    var path = Path.Combine(Folder, "journal");
                    var bytes = File.ReadAllBytes(path);
                    var damaged = JournalRecord.Length + (int)((uint)at % (bytes.Length - JournalRecord.Length));
                    bytes[damaged] ^= change;
                    File.WriteAllBytes(path, bytes);
                    var read = new List<JournalRecord>();
                    using (var again = SlabJournal.Open(Folder, read.Add, out _))
                    {
                        Assert.That(again, Is.Not.Null);
                    }

                    Assert.That(read, Has.Count.EqualTo((damaged / JournalRecord.Length) - 1));
                    Assert.That(new FileInfo(path).Length, Is.EqualTo((read.Count + 1) * JournalRecord.Length));
                },
                iter: 100,
                threads: 1
            );
    }

    [Test]
    public void Any_file_in_place_of_the_journal_is_read_or_refused()
    {
        Gen.Byte.Array[0, 500]
            .Sample(
                bytes =>
                {
                    File.WriteAllBytes(Path.Combine(Folder, "journal"), bytes);
                    using var journal = SlabJournal.Open(Folder, _ => { }, out _);
                    Assert.That(journal, Is.Null);
                },
                iter: 100,
                threads: 1
            );
    }

    [Test]
    public void The_last_record_of_a_slot_wins_and_a_group_counts_only_whole()
    {
        var replay = new JournalReplay();
        replay.Apply(JournalRecord.ForTorrent(1, Hash));
        replay.Apply(JournalRecord.Put(2, 0, 2, 0, 1, 5, 0, 1, Slot)); // group 5, of two parts
        replay.Apply(JournalRecord.Put(3, 0, 2, 1, 1, 5, 1, 1, 100));
        replay.Apply(JournalRecord.Put(4, 0, 1, 2, 1, 6, 0, 1, Slot));
        replay.Apply(JournalRecord.Put(5, 0, 1, 1, 1, 7, 0, 1, Slot)); // takes a slot of group 5
        replay.Apply(JournalRecord.Put(6, 0, 1, 3, 1, 6, 0, 1, Slot)); // group 6 anew, elsewhere
        replay.Apply(JournalRecord.Put(7, 0, 1, 4, 1, 8, 0, 1, Slot));
        replay.Apply(JournalRecord.Drop(8, 4));
        replay.Apply(JournalRecord.Put(9, 0, 1, 9, 1, 9, 0, 1, Slot)); // past the end of the files

        var groups = replay.Finish(slotCount: 9);

        Assert.That(groups.Select(group => (group.Group, group.Slots[0])), Is.EqualTo(new[] { (7, 1), (6, 3) }));
    }

    private static byte[] Records(int count)
    {
        var bytes = new byte[count * JournalRecord.Length];
        for (var i = 0; i < count; i++)
        {
            JournalRecord.Put((ulong)i + 1, 0, 1, i, 1, i, 0, 1, Slot).Write(bytes.AsSpan(i * JournalRecord.Length));
        }

        return bytes;
    }
}
