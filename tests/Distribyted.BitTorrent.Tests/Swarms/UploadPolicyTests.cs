using Distribyted.BitTorrent.Peers;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What upload limits mean: how many peers at once, how much in one send, who goes first.</summary>
internal sealed class UploadPolicyTests
{
    [TestCase(3, 0, 10_000_000, ExpectedResult = 3)] // set by the user
    [TestCase(0, 0, 0, ExpectedResult = 8)]
    [TestCase(0, 0, 200 * 1024, ExpectedResult = 8)]
    [TestCase(0, 0, 640 * 1024, ExpectedResult = 20)]
    [TestCase(0, 0, 100_000_000, ExpectedResult = 32)]
    [TestCase(0, 1, 0, ExpectedResult = 1)]
    [TestCase(0, 16 * 1024, 0, ExpectedResult = 1)]
    [TestCase(0, 64 * 1024, 0, ExpectedResult = 4)]
    [TestCase(0, 10_000_000, 0, ExpectedResult = 32)]
    public int Slots_by_rate(int setting, long limit, long sent)
    {
        return UploadSlots.Count(setting, limit, sent);
    }

    [TestCase(0, ExpectedResult = 8)]
    [TestCase(1, ExpectedResult = 1)]
    [TestCase(16 * 1024, ExpectedResult = 1)]
    [TestCase(128 * 1024, ExpectedResult = 2)]
    [TestCase(10_000_000, ExpectedResult = 8)]
    public int Blocks_of_one_send(long limit)
    {
        return UploadBatch.BlocksAt(limit);
    }

    [Test]
    public void Nine_peers_at_16_KiB_a_second_wait_nine_seconds_each_and_in_turn()
    {
        var limiter = new RateLimiter(16 * 1024, new MonotonicClock(new FakeTimeProvider()));
        var turns = Enumerable.Range(0, 9).Select(_ => new UploadTurn(limiter)).ToList();

        var waits = turns.ConvertAll(static t => t.Wait().TotalSeconds);

        Assert.That(waits, Is.Ordered);
        Assert.That(waits[0], Is.Zero);
        Assert.That(waits[^1], Is.InRange(6, 9));
    }

    [Test]
    public void A_turn_that_is_not_used_goes_back()
    {
        var time = new FakeTimeProvider();
        var limiter = new RateLimiter(16 * 1024, new MonotonicClock(time));
        var first = new UploadTurn(limiter);
        var second = new UploadTurn(limiter);
        var third = new UploadTurn(limiter);
        first.Wait();
        first.Used(16 * 1024);
        second.Wait();
        second.GiveBack();

        Assert.That(third.Wait(), Is.EqualTo(TimeSpan.Zero));

        third.Used(0);
        Assert.That(limiter.AvailableWith(0), Is.EqualTo(16 * 1024));
    }

    [Test]
    public void Waiting_again_reserves_nothing_twice()
    {
        var time = new FakeTimeProvider();
        var limiter = new RateLimiter(16 * 1024, new MonotonicClock(time));
        limiter.Take(64 * 1024);
        var turn = new UploadTurn(limiter);
        var wait = turn.Wait();
        Assert.That(turn.Wait(), Is.EqualTo(wait));

        time.Advance(wait);

        Assert.That(turn.Wait(), Is.EqualTo(TimeSpan.Zero));
        Assert.That(limiter.AvailableWith(16 * 1024), Is.LessThanOrEqualTo(16));
    }
}
