using Distribyted.BitTorrent.Peers;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class RateLimiterTests
{
    private const long Rate = 1_000_000;
    private const long Burst = Rate / 10;

    private FakeTimeProvider _time = null!;
    private MonotonicClock _clock = null!;

    [SetUp]
    public void Start()
    {
        _time = new FakeTimeProvider();
        _clock = new MonotonicClock(_time);
    }

    [TestCase(1, ExpectedResult = 32_768, TestName = "Burst_of_the_smallest_limit_is_two_blocks")]
    [TestCase(327_689, ExpectedResult = 32_768, TestName = "Burst_is_two_blocks_until_a_tenth_of_a_second_is_more")]
    [TestCase(327_690, ExpectedResult = 32_769, TestName = "Burst_is_a_tenth_of_a_second_as_soon_as_that_is_more")]
    [TestCase(1_000_000_000, ExpectedResult = 100_000_000, TestName = "Burst_of_a_huge_limit_is_a_tenth_of_a_second")]
    public long Burst_of(long limit)
    {
        var limiter = new RateLimiter(limit, _clock);
        var atFirst = limiter.AvailableWith(0);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.That(limiter.AvailableWith(0), Is.EqualTo(atFirst), "time without use saves no more than that");
        return atFirst;
    }

    [Test]
    public void Without_a_limit_everything_may_go()
    {
        var limiter = new RateLimiter(0, _clock);

        limiter.Take(long.MaxValue);

        Assert.That(limiter.IsLimited, Is.False);
        Assert.That(limiter.AvailableWith(0), Is.EqualTo(long.MaxValue));
    }

    [TestCase(0, ExpectedResult = 0, TestName = "Empty_bucket_at_once")]
    [TestCase(1, ExpectedResult = 1_000, TestName = "Empty_bucket_after_a_millisecond")]
    [TestCase(99, ExpectedResult = 99_000, TestName = "Empty_bucket_just_before_it_is_full")]
    [TestCase(100, ExpectedResult = 100_000, TestName = "Empty_bucket_when_it_is_full")]
    [TestCase(101, ExpectedResult = 100_000, TestName = "Empty_bucket_after_it_was_full")]
    public long Refilled_after(int milliseconds)
    {
        var limiter = new RateLimiter(Rate, _clock);
        limiter.Take(Burst);

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        return limiter.AvailableWith(0);
    }

    [TestCase(0, 0, ExpectedResult = 100_000, TestName = "Credit_none_and_nothing_taken")]
    [TestCase(0, 5_000, ExpectedResult = 105_000, TestName = "Credit_adds_to_what_is_there")]
    [TestCase(100_000, 5_000, ExpectedResult = 5_000, TestName = "Credit_is_all_when_the_bucket_is_empty")]
    [TestCase(104_999, 5_000, ExpectedResult = 1, TestName = "Credit_with_one_byte_left")]
    [TestCase(105_000, 5_000, ExpectedResult = 0, TestName = "Credit_used_up")]
    [TestCase(900_000, 5_000, ExpectedResult = 0, TestName = "Credit_exceeded_is_never_negative")]
    public long Available_after(long taken, long credit)
    {
        var limiter = new RateLimiter(Rate, _clock);

        limiter.Take(taken);

        return limiter.AvailableWith(credit);
    }

    [Test]
    public void Debt_is_paid_before_anything_goes()
    {
        var limiter = new RateLimiter(Rate, _clock);
        limiter.Take(Burst + 50_000);

        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.That(limiter.AvailableWith(0), Is.Zero);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(limiter.AvailableWith(0), Is.EqualTo(1_000));
    }

    [TestCase(100_000, 40_000, ExpectedResult = 40_000, TestName = "Bytes_given_back_are_there_again")]
    [TestCase(0, 40_000, ExpectedResult = 100_000, TestName = "Bytes_given_back_to_a_full_bucket_are_lost")]
    public long Given_back(long taken, long givenBack)
    {
        var limiter = new RateLimiter(Rate, _clock);
        limiter.Take(taken);

        limiter.Take(-givenBack);

        return limiter.AvailableWith(0);
    }

    // Microseconds until the reserved bytes may be sent. At this rate one byte takes one microsecond.
    [TestCase(0, ExpectedResult = 0, TestName = "Reservation_from_a_full_bucket_goes_at_once")]
    [TestCase(99_999, ExpectedResult = 0, TestName = "Reservation_from_one_byte_goes_at_once")]
    [TestCase(100_000, ExpectedResult = 1, TestName = "Reservation_from_an_empty_bucket_waits_for_a_byte")]
    [TestCase(1_100_000, ExpectedResult = 1_000_001, TestName = "Reservation_waits_until_the_debt_is_paid")]
    public double Wait_after_taking(long taken)
    {
        var limiter = new RateLimiter(Rate, _clock);
        limiter.Take(taken);

        return limiter.Until(limiter.Reserve(16_384)).TotalMicroseconds;
    }

    [Test]
    public void Reservations_are_due_in_their_order_and_as_far_apart_as_their_bytes_take()
    {
        var limiter = new RateLimiter(Rate, _clock);
        limiter.Take(Burst);

        var due = new[] { 200_000, 1_000, 300_000 }.Select(bytes => limiter.Reserve(bytes)).ToList();

        Assert.That(due, Is.EqualTo(new[] { _clock.Now + 1, _clock.Now + 200_001, _clock.Now + 201_001 }));
    }

    [TestCase(0, ExpectedResult = 1_000, TestName = "Until_a_moment_to_come")]
    [TestCase(1, ExpectedResult = 0, TestName = "Until_this_moment")]
    [TestCase(2, ExpectedResult = 0, TestName = "Until_a_moment_that_is_past_is_not_negative")]
    public double Until_after(int milliseconds)
    {
        var limiter = new RateLimiter(Rate, _clock);
        var moment = _clock.Now + MonotonicClock.Millisecond;

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        return limiter.Until(moment).TotalMicroseconds;
    }
}
