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
}
