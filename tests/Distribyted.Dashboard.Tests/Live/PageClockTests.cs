using Distribyted.Dashboard.Live;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Dashboard.Tests.Live;

/// <summary>When pages look again.</summary>
internal sealed class PageClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private RateHistory _history = null!;
    private Ticker _ticker = null!;
    private int _reads; // of rates: one for each tick of the timer
    private int _looks;

    [SetUp]
    public void Start()
    {
        (_reads, _looks) = (0, 0);
        _history = new RateHistory(() => new RatePoint(++_reads, 0, 0));
        _ticker = new Ticker(_time, _history, NullLogger<Ticker>.Instance);
    }

    [TearDown]
    public void Stop()
    {
        _ticker.Dispose();
    }

    [Test]
    public void Without_a_page_nothing_runs()
    {
        _time.Advance(10 * Second);

        Assert.That(_reads, Is.Zero);
    }

    [Test]
    public void A_visible_page_looks_once_a_second()
    {
        using var page = new PageClock(_ticker);
        using var part = page.Subscribe(Look);

        Wait(3);

        Assert.That(_looks, Is.EqualTo(3));
    }

    [Test]
    public void A_page_in_the_background_costs_nothing_and_looks_at_once_when_it_is_shown()
    {
        using var page = new PageClock(_ticker);
        using var part = page.Subscribe(Look);

        page.SetVisible(false);
        Wait(5);
        Assert.That((_looks, _reads), Is.EqualTo((0, 0)));

        page.SetVisible(true);
        Assert.That(_looks, Is.EqualTo(1));
    }

    [Test]
    public void A_page_whose_browser_is_gone_costs_nothing_and_looks_at_once_when_it_comes_back()
    {
        using var page = new PageClock(_ticker);
        using var part = page.Subscribe(Look);

        page.SetConnected(false);
        page.SetVisible(true);
        Wait(5);
        Assert.That((_looks, _reads), Is.EqualTo((0, 0)));

        page.SetConnected(true);
        Assert.That(_looks, Is.EqualTo(1));
        Wait(1);
        Assert.That(_looks, Is.EqualTo(2));
    }

    [Test]
    public void A_lost_connection_does_not_wake_a_page_in_the_background()
    {
        using var page = new PageClock(_ticker);
        using var part = page.Subscribe(Look);

        page.SetVisible(false);
        page.SetConnected(false);
        page.SetConnected(true);
        Wait(5);

        Assert.That((_looks, _reads), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Many_pages_have_one_timer()
    {
        using var one = new PageClock(_ticker);
        using var two = new PageClock(_ticker);
        using var first = one.Subscribe(Look);
        using var second = two.Subscribe(Look);

        Wait(3);

        Assert.That((_looks, _reads), Is.EqualTo((6, 3)));
    }

    [Test]
    public void A_page_that_was_closed_is_forgotten()
    {
        var page = new PageClock(_ticker);
        page.Subscribe(Look);

        page.Dispose();
        Wait(5);

        Assert.That((_looks, _reads), Is.EqualTo((0, 0)));
    }

    [Test]
    public void The_last_two_minutes_are_kept()
    {
        using var page = new PageClock(_ticker);
        using var part = page.Subscribe(Look);

        Wait(RateHistory.Capacity + 5);

        var points = _history.Read();
        Assert.That(points, Has.Length.EqualTo(RateHistory.Capacity));
        Assert.That(points[^1].Down, Is.EqualTo(RateHistory.Capacity + 5));
    }

    private void Wait(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _time.Advance(Second);
        }
    }

    private void Look()
    {
        _looks++;
    }
}
