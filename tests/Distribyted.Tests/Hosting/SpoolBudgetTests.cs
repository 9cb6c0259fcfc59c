using Distribyted.Hosting;

namespace Distribyted.Tests.Hosting;

[CancelAfter(60_000)]
internal sealed class SpoolBudgetTests
{
    private const long Size = 1024L << 20;

    [Test]
    public async Task An_eighth_of_the_cache_is_given_and_comes_back_once(CancellationToken cancellationToken)
    {
        var budget = new SpoolBudget(Size, new FolderBudget(() => null));

        var all = await budget.ReserveAsync(Size / 8, cancellationToken);
        var more = await budget.ReserveAsync(1, cancellationToken);
        all!.Dispose();
        all.Dispose();

        Assert.That(more, Is.Null);
        Assert.That(await budget.ReserveAsync(Size / 8, cancellationToken), Is.Not.Null);
        Assert.That(await budget.ReserveAsync(1, cancellationToken), Is.Null);
    }

    [Test]
    public async Task What_the_disk_does_not_have_is_not_given_and_not_counted(CancellationToken cancellationToken)
    {
        long? free = 0;
        var budget = new SpoolBudget(Size, new FolderBudget(() => free));

        Assert.That(await budget.ReserveAsync(Size / 8, cancellationToken), Is.Null);
        free = null;
        Assert.That(await budget.ReserveAsync(Size / 8, cancellationToken), Is.Not.Null);
    }

    [Test]
    public async Task Without_a_limit_of_the_cache_the_disk_is_the_limit(CancellationToken cancellationToken)
    {
        Assert.That(await new SpoolBudget(-1, new FolderBudget(() => null)).ReserveAsync(1L << 40, cancellationToken), Is.Not.Null);
        Assert.That(await new SpoolBudget(-1, new FolderBudget(() => 0)).ReserveAsync(1, cancellationToken), Is.Null);
    }
}
