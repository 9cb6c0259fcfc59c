using Distribyted.Hosting;

namespace Distribyted.Tests.Hosting;

[CancelAfter(60_000)]
internal sealed class FolderBudgetTests
{
    [Test]
    public async Task Space_is_given_while_the_margin_stays_and_comes_back_once(CancellationToken cancellationToken)
    {
        var budget = new FolderBudget(() => FolderBudget.Margin + 100);

        var first = await budget.ReserveAsync(60, cancellationToken);
        var tooMuch = await budget.ReserveAsync(41, cancellationToken);
        var rest = await budget.ReserveAsync(40, cancellationToken);
        first!.Dispose();
        first.Dispose();
        var again = await budget.ReserveAsync(60, cancellationToken);
        var more = await budget.ReserveAsync(1, cancellationToken);

        Assert.That(tooMuch, Is.Null);
        Assert.That(rest, Is.Not.Null);
        Assert.That(again, Is.Not.Null);
        Assert.That(more, Is.Null);
    }

    [Test]
    public async Task A_disk_that_cannot_be_asked_refuses_nothing(CancellationToken cancellationToken)
    {
        var budget = new FolderBudget(() => null);

        Assert.That(await budget.ReserveAsync(1, cancellationToken), Is.Not.Null);
    }
}
