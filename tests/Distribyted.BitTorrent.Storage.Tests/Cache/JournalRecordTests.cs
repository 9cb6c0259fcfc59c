using System.Buffers.Binary;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>The bytes of the journal, which a later version has to read, and which of them are believed.</summary>
[TestFixture]
internal sealed class JournalRecordTests
{
    private const string Body = "000102030405060708090a0b0c0d0e0f10111213";

    private static readonly InfoHash Hash = new([.. Enumerable.Range(0, 20).Select(i => (byte)i)]);

    // kind, flags, parts, sequence; then the body. Little-endian.
    [Test]
    public void A_record_has_these_bytes()
    {
        Assert.That(
            Hex(JournalRecord.Header(1 << 20)),
            Is.EqualTo("01000000" + "0000000000000000" + Padded("44534142" + "01000000" + "00001000"))
        );
        Assert.That(Hex(JournalRecord.ForTorrent(0x1_0000_0002, Hash)), Is.EqualTo("02000000" + "0200000001000000" + Padded(Body)));
        Assert.That(
            Hex(JournalRecord.Put(3, JournalRecord.Reused, 0x102, 4, 5, 6, 7, 0x8000_0000_0000_0001, 9)),
            Is.EqualTo(
                "03010201"
                    + "0300000000000000"
                    + Padded("04000000" + "05000000" + "06000000" + "07000000" + "0100000000000080" + "09000000")
            )
        );
        Assert.That(Hex(JournalRecord.Drop(4, 0x0102)), Is.EqualTo("04000000" + "0400000000000000" + Padded("02010000")));
    }

    [Test]
    public void Every_kind_is_read_as_it_was_written()
    {
        foreach (
            var record in new[]
            {
                JournalRecord.Header(1 << 20),
                JournalRecord.ForTorrent(0x1_0000_0002, Hash),
                JournalRecord.Put(3, 1, 3, 0, 5, 0, 0, 1, 0),
                JournalRecord.Put(3, 1, 3, 4, 5, 6, 2, ulong.MaxValue, 9),
                JournalRecord.Drop(4, 0),
            }
        )
        {
            Assert.That(JournalRecord.TryRead(Bytes(record), out var read));
            Assert.That(read, Is.EqualTo(record));
        }
    }

    [TestCase(128, false)]
    [TestCase(256, true)]
    [TestCase(4096, true)]
    [TestCase(8192, false)]
    [TestCase(300, false)]
    public void A_header_names_a_size_of_slots_that_can_be(int kibibytes, bool isBelieved)
    {
        Assert.That(JournalRecord.TryRead(Bytes(JournalRecord.Header(kibibytes * 1024)), out _), Is.EqualTo(isBelieved));
    }

    [TestCase(16, TestName = "Not our file")]
    [TestCase(20, TestName = "Another version")]
    public void A_header_that_is_not_ours_is_refused(int at)
    {
        var bytes = Bytes(JournalRecord.Header(1 << 20));
        bytes[at]++;

        Assert.That(JournalRecord.TryRead(Sealed(bytes), out _), Is.False);
    }

    [TestCase(-1, 0, 0, 1UL, 0)]
    [TestCase(0, -1, 0, 1UL, 0)]
    [TestCase(0, 0, -1, 1UL, 0)]
    [TestCase(0, 0, 3, 1UL, 0, TestName = "A part past the last")]
    [TestCase(0, 0, 0, 0UL, 0, TestName = "No piece")]
    [TestCase(0, 0, 0, 1UL, -1)]
    public void A_put_that_cannot_be_is_refused(int slot, int group, int part, ulong mask, int used)
    {
        Assert.That(JournalRecord.TryRead(Bytes(JournalRecord.Put(1, 0, 3, slot, 1, group, part, mask, used)), out _), Is.False);
    }

    [Test]
    public void A_drop_of_no_slot_is_refused()
    {
        Assert.That(JournalRecord.TryRead(Bytes(JournalRecord.Drop(1, -1)), out _), Is.False);
    }

    [TestCase(0)]
    [TestCase(5)]
    public void An_unknown_kind_is_refused(byte kind)
    {
        var bytes = Bytes(JournalRecord.Drop(1, 1));
        bytes[4] = kind;

        Assert.That(JournalRecord.TryRead(Sealed(bytes), out _), Is.False);
    }

    [TestCase(47, false)]
    [TestCase(48, true)]
    [TestCase(49, true)]
    public void A_record_is_48_bytes(int length, bool isBelieved)
    {
        var bytes = new byte[96];
        Bytes(JournalRecord.Drop(1, 1)).CopyTo(bytes, 0);

        Assert.That(JournalRecord.TryRead(bytes.AsSpan(0, length), out _), Is.EqualTo(isBelieved));
    }

    // Without the checksum, which is compared with one of our own.
    private static string Hex(JournalRecord record)
    {
        var bytes = Bytes(record);
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes), Is.EqualTo(Crc32C(bytes.AsSpan(4))));
        return Convert.ToHexStringLower(bytes.AsSpan(4));
    }

    private static byte[] Bytes(JournalRecord record)
    {
        var bytes = new byte[JournalRecord.Length];
        bytes.AsSpan().Fill(0xff); // what was there before is overwritten
        record.Write(bytes);
        return bytes;
    }

    private static byte[] Sealed(byte[] bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C(bytes.AsSpan(4)));
        return bytes;
    }

    private static string Padded(string body)
    {
        return body.PadRight(64, '0');
    }

    // Bit by bit: RFC 3720 section 12.1, polynomial 1EDC6F41 reflected.
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
