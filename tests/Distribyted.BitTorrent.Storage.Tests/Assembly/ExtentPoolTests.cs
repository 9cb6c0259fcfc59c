using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Assembly;

/// <summary>How much of the piece memory read-ahead may use, and who may use the rest.</summary>
internal sealed class ExtentPoolTests
{
    private const long Slab = ExtentPool.SlabLength;

    [TestCase(128, 42, TestName = "A third")]
    [TestCase(512, 170, TestName = "A third of much")]
    [TestCase(64, 40, TestName = "No less than is under way on a fast line")]
    [TestCase(32, 24, TestName = "Three quarters of little")]
    public void Read_ahead_leaves_memory_to_readers_that_wait(int memory, int readAhead)
    {
        var pool = new ExtentPool(memory.MiB(), hotCache: 0);

        var ahead = ReserveAll(pool, urgent: false);
        var urgent = ReserveAll(pool, urgent: true);

        Assert.That(ahead * Slab / 1.MiB(), Is.EqualTo(readAhead));
        Assert.That((ahead + urgent) * Slab, Is.EqualTo(memory.MiB()));
    }

    [Test]
    public void Memory_of_pieces_that_readers_wait_for_counts_as_read_ahead_too()
    {
        var pool = new ExtentPool(128.MiB(), hotCache: 0);
        Assert.That(pool.TryReserve(64.MiB(), urgent: true));

        Assert.That(pool.TryReserve(Slab, urgent: false), Is.False);

        pool.Release(64.MiB());
        Assert.That(pool.TryReserve(Slab, urgent: false));
    }

    [Test]
    public void Memory_that_was_not_needed_since_the_last_call_is_dropped_and_what_is_used_stays()
    {
        var pool = new ExtentPool(64.MiB(), 0);
        var extents = Enumerable.Range(0, 10).Select(_ => pool.Rent(ExtentPool.SlabLength)).ToArray();
        extents[3].Span.Fill(7);
        foreach (var extent in extents.Where((_, index) => index != 3))
        {
            pool.Return(extent);
        }

        var first = pool.Trim(1); // all ten were in use since the start
        var again = pool.Rent(ExtentPool.SlabLength);
        pool.Return(again);
        var second = pool.Trim(1);
        var third = pool.Trim(1);

        Assert.That(first, Is.Zero);
        Assert.That(second, Is.EqualTo(8 * Slab));
        Assert.That(third, Is.EqualTo(Slab));
        Assert.That(pool.Allocated, Is.EqualTo(Slab));
        Assert.That(extents[3].Span.IndexOfAnyExcept((byte)7), Is.Negative);
        pool.Return(extents[3]);
        Assert.That(Enumerable.Range(0, 4).Select(_ => pool.Rent(ExtentPool.SlabLength)).Distinct().Count(), Is.EqualTo(4));
        Assert.That(pool.Allocated, Is.EqualTo(4 * Slab));
    }

    [Test]
    public void Few_slabs_that_were_not_needed_stay_for_the_next_pieces()
    {
        var pool = new ExtentPool(16 * Slab, 0);
        var extents = Enumerable.Range(0, 6).Select(_ => pool.Rent(ExtentPool.SlabLength)).ToArray();
        Array.ForEach(extents, pool.Return);
        pool.Trim(4 * Slab); // all six were in use since the start

        Assert.That(pool.Trim(7 * Slab), Is.Zero);
        Assert.That(pool.Allocated, Is.EqualTo(6 * Slab));
        Assert.That(extents.Select(extent => extent.Slab), Has.Member(pool.Rent(ExtentPool.SlabLength).Slab));
        Assert.That(pool.Trim(5 * Slab), Is.EqualTo(5 * Slab));
    }

    private static int ReserveAll(ExtentPool pool, bool urgent)
    {
        var count = 0;
        while (pool.TryReserve(Slab, urgent))
        {
            count++;
        }

        return count;
    }
}
