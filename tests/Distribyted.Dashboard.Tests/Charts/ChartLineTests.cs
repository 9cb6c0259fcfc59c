using Distribyted.Dashboard.Charts;

namespace Distribyted.Dashboard.Tests.Charts;

/// <summary>Lines of charts.</summary>
internal sealed class ChartLineTests
{
    [TestCase(new long[0], 1000)]
    [TestCase(new[] { 1000L }, 1000)]
    [TestCase(new[] { 1001L }, 2000)]
    [TestCase(new[] { 2001L, 5L }, 5000)]
    [TestCase(new[] { 5001L }, 10_000)]
    [TestCase(new[] { 1_411_000L }, 2_000_000)]
    public void The_top_is_a_round_number(long[] values, long top)
    {
        Assert.That(ChartLine.Top(values), Is.EqualTo(top));
    }

    [Test]
    public void The_newest_value_is_at_the_right_edge()
    {
        Assert.That(ChartLine.Path([0, 100], 100, 3, isArea: false), Is.EqualTo("M300 120L600 0"));
        Assert.That(ChartLine.Path([0, 100], 100, 3, isArea: true), Is.EqualTo("M300 120L600 0V120H300Z"));
        Assert.That(ChartLine.Path([7], 100, 3, isArea: false), Is.Empty);
    }
}
