using Distribyted.BitTorrent.Storage.Cache;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture]
internal sealed class DiskBudgetTests
{
    private const long Plenty = 1L << 40;

    [TestCase(typeof(DriveNotFoundException))]
    [TestCase(typeof(IOException))]
    [TestCase(typeof(UnauthorizedAccessException))]
    public void A_disk_that_cannot_be_measured_takes_nothing_until_it_can(Type failure)
    {
        var isHere = false;
        var budget = new DiskBudget(-1, () => isHere ? (Plenty, Plenty) : throw (Exception)Activator.CreateInstance(failure)!);

        Assert.That(budget.TryReserve(1), Is.False);
        Assert.That(budget.Reserved, Is.Zero);

        isHere = true;
        Assert.That(budget.TryReserve(1));
        Assert.That(budget.Reserved, Is.EqualTo(1));
    }
}
