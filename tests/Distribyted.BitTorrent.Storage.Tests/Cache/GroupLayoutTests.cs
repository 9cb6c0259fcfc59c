using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture]
internal sealed class GroupLayoutTests
{
    // 100 pieces of 16 KiB in slots of 256 KiB: 16 to a group, 4 in the last. 3 pieces of 1 MiB: one to a group.
    [TestCase(100, 16, 0, 0UL, "")]
    [TestCase(100, 16, 0, 1UL, "0")]
    [TestCase(100, 16, 0, 0x8001UL, "0 15")]
    [TestCase(100, 16, 1, 0b101UL, "16 18")]
    [TestCase(100, 16, 6, ulong.MaxValue, "96 97 98 99")]
    [TestCase(3, 1024, 2, 1UL, "2")]
    [TestCase(3, 1024, 1, ulong.MaxValue, "1")]
    public void The_pieces_of_a_mask_are_those_whose_bits_are_set(int pieces, int kibPerPiece, int group, ulong mask, string expected)
    {
        var layout = new GroupLayout(new PieceLayout((long)pieces * kibPerPiece * 1024, kibPerPiece * 1024), 256.KiB());
        var found = new List<int>();

        foreach (var piece in layout.PiecesOf(group, mask))
        {
            found.Add(piece);
        }

        Assert.That(string.Join(' ', found), Is.EqualTo(expected));
    }

    [Test]
    public void A_mask_of_64_pieces_has_all_of_them()
    {
        var layout = new GroupLayout(new PieceLayout(200L * 1024, 1024), 256.KiB());
        var found = new List<int>();

        foreach (var piece in layout.PiecesOf(1, ulong.MaxValue))
        {
            found.Add(piece);
        }

        Assert.That(found, Is.EqualTo(Enumerable.Range(64, 64)));
    }
}
