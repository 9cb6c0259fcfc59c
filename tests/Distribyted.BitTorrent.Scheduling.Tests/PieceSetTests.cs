using CsCheck;

namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PieceSetTests
{
    [Test]
    public void It_has_all_of_a_range_when_it_has_each()
    {
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300].Array[0, 6], Gen.Int[0, 300], Gen.Int[0, 300])
            .Sample(
                (count, missing, a, b) =>
                {
                    var set = new PieceSet(count);
                    foreach (var piece in Enumerable.Range(0, count).Except(missing))
                    {
                        set.Add(piece);
                    }

                    var (first, end) = (Math.Min(a, b) % count, Math.Min(Math.Max(a, b), count));
                    return set.HasAll(first, end) == Enumerable.Range(first, Math.Max(0, end - first)).All(set.Has);
                },
                threads: 1
            );
    }

    [Test]
    public void Of_nothing_it_has_all_and_of_an_empty_set_nothing()
    {
        var set = new PieceSet(100);

        Assert.That((set.HasAll(5, 5), set.HasAll(0, 0), set.HasAll(0, 1), set.HasAll(99, 100)), Is.EqualTo((true, true, false, false)));
        set.AddAll();
        Assert.That((set.HasAll(0, 100), set.HasAll(64, 65)), Is.EqualTo((true, true)));
        set.Remove(64);
        Assert.That((set.HasAll(0, 64), set.HasAll(64, 65), set.HasAll(65, 100)), Is.EqualTo((true, false, true)));
    }

    [Test]
    public void It_is_a_set_of_the_pieces_that_exist()
    {
        Gen.Select(Gen.Int[1, 200], Gen.Select(Gen.Int[0, 11], Gen.Int[-2, 205], Gen.Byte.Array[0, 27]).Array[0, 60])
            .Sample(
                (count, steps) =>
                {
                    var set = new PieceSet(count);
                    var model = new HashSet<int>();
                    foreach (var (kind, piece, bits) in steps)
                    {
                        switch (kind)
                        {
                            case 0:
                                set.AddAll();
                                model = [.. Enumerable.Range(0, count)];
                                break;
                            case 1:
                                set.Clear();
                                model.Clear();
                                break;
                            case 2:
                                set.Load(bits);
                                model =
                                [
                                    .. Enumerable
                                        .Range(0, Math.Min(count, bits.Length * 8))
                                        .Where(at => (bits[at / 8] & (0x80 >> (at % 8))) != 0),
                                ];
                                break;
                            case < 7:
                                set.Remove(piece);
                                model.Remove(piece);
                                break;
                            default:
                                set.Add(piece);
                                _ = piece >= 0 && piece < count && model.Add(piece);
                                break;
                        }
                    }

                    return Enumerable.Range(-3, count + 10).All(piece => set.Has(piece) == model.Contains(piece))
                        && set.IsEmpty == (model.Count == 0);
                },
                threads: 1
            );
    }

    [TestCase(8, new byte[] { 0xFF }, true)]
    [TestCase(8, new byte[] { 0xFE }, false)]
    [TestCase(9, new byte[] { 0xFF, 0x80 }, true)]
    [TestCase(9, new byte[] { 0xFF, 0x7F }, false, Description = "bits past the end count for nothing")]
    [TestCase(9, new byte[] { 0xFF }, false, Description = "too short")]
    [TestCase(9, new byte[] { 0xFF, 0x80, 0xFF }, true, Description = "too long")]
    public void A_bitfield_of_every_piece_is_all(int count, byte[] bits, bool expected)
    {
        var set = new PieceSet(count);

        set.Load(bits);

        Assert.That(set.IsAll, Is.EqualTo(expected));
    }
}
