using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerRatesTests
{
    private const long Second = MonotonicClock.Second;

    [Test]
    public void A_rate_is_that_of_the_last_window_of_two_seconds()
    {
        var rates = default(PeerRates);
        const long Connected = 5 * Second;

        rates.Measure(1_000, 500, Connected, Connected + Second);
        var early = (rates.Download, rates.Upload);
        rates.Measure(4_000, 1_000, Connected, Connected + (2 * Second));
        var first = (rates.Download, rates.Upload);
        rates.Measure(9_999, 9_999, Connected, Connected + (3 * Second));
        rates.Measure(10_000, 1_000, Connected, Connected + (4 * Second));

        Assert.That(early, Is.EqualTo((0, 0)));
        Assert.That(first, Is.EqualTo((2_000, 500)));
        Assert.That((rates.Download, rates.Upload), Is.EqualTo((3_000, 0)));
    }
}
