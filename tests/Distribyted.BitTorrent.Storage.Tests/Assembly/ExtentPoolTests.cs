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
