namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>What is kept of readers that were closed, for the next one.</summary>
internal sealed class ReaderHistoryTests
{
    private const long MiB = 1 << 20;
    private static readonly WindowLimits Film = new(64 * MiB, 512 * MiB, 1000 * MiB, 4000 * MiB);

    private readonly List<long> _missing = [];
    private ReaderHistory _history = new();

    [SetUp]
    public void SetUp()
    {
        _history = new ReaderHistory();
        _missing.Clear();
    }

    [Test]
    public void The_next_file_is_fetched_ahead_when_one_was_read_to_its_end_and_another_followed()
    {
        var first = Started(0, 2 * MiB);
        first.Read(0, 2 * MiB, 0);
        var limits = Film with { FileEnd = 2 * MiB };

        Assert.That(_history.Closed(first, limits, 0, out var lingers), Is.True);
        Assert.That(lingers.Position, Is.EqualTo(2 * MiB));
        Assert.That(lingers.WindowEnd, Is.GreaterThan(4 * MiB));

        var second = new ReaderWindow();
        second.Start(2 * MiB, 2 * MiB, 1000, _history.Pop(2 * MiB, 1000));
        Assert.That(second.State(Film with { FileEnd = 4 * MiB }).WindowEnd, Is.GreaterThan(4 * MiB));
    }

    [Test]
    public void Reads_that_jump_about_leave_nothing_behind()
    {
        var probe = Started(500 * MiB, MiB);
        probe.Read(500 * MiB, MiB / 2, 0);

        Assert.That(_history.Closed(probe, Film, 0, out _), Is.False);
        Assert.That(_history.Pop(100 * MiB, 0), Is.Null);
    }

    [Test]
    public void What_was_earned_is_remembered_for_a_minute()
    {
        var reader = Started(0, null);
        reader.Read(0, 4 * MiB, 0);
        _history.Closed(reader, Film, 0, out _);
        _history.Closed(reader, Film, 0, out _);

        Assert.That(_history.Pop(4 * MiB, 59_000_000)?.Contiguous, Is.EqualTo(4 * MiB));
        Assert.That(_history.Pop(4 * MiB, 61_000_000), Is.Null);
    }

    [TestCase(60_000_000, true)]
    [TestCase(60_000_001, false)]
    public void A_closed_reader_is_kept_for_a_minute_and_used_once(long after, bool isKept)
    {
        const long now = 100_000_000;
        Close(4 * MiB, now);

        Assert.That(_history.Pop(4 * MiB, now + after) is not null, Is.EqualTo(isKept));
        Assert.That(_history.Pop(4 * MiB, now + after), Is.Null);
    }

    [TestCase(9 * MiB, true, Description = "1 MiB before: overlap")]
    [TestCase((9 * MiB) - 1, false)]
    [TestCase(11 * MiB, true, Description = "1 MiB behind: padding")]
    [TestCase((11 * MiB) + 1, false)]
    public void The_next_request_begins_within_1_MiB(long position, bool isFound)
    {
        Close(10 * MiB, 0);

        Assert.That(_history.Pop(position, 0) is not null, Is.EqualTo(isFound));
    }

    [TestCase(20 * MiB, 20 * MiB)]
    [TestCase((20 * MiB) + 100, 20 * MiB)]
    [TestCase((20 * MiB) + 400_000, (20 * MiB) + 500_000)]
    [TestCase((20 * MiB) + 600_000, (20 * MiB) + 500_000)]
    [TestCase((20 * MiB) + 900_000, (20 * MiB) + 1_000_000)]
    public void The_nearest_of_several_is_continued(long position, long expected)
    {
        Close((20 * MiB) + 500_000, 0);
        Close(20 * MiB, 0);
        Close((20 * MiB) + 1_000_000, 0);

        Assert.That(_history.Pop(position, 0)?.Position, Is.EqualTo(expected));
    }

    [Test]
    public void Of_more_than_64_the_oldest_is_forgotten()
    {
        for (var i = 1; i <= 64; i++)
        {
            Close(i * 10 * MiB, i);
        }

        Assert.That(_history.Pop(10 * MiB, 100), Is.Not.Null, "all of them are kept");
        Close(650 * MiB, 65);
        Close(660 * MiB, 66);

        for (var i = 2; i <= 66; i++)
        {
            if (_history.Pop(i * 10 * MiB, 100) is null)
            {
                _missing.Add(i);
            }
        }

        Assert.That(_missing, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Old_ones_do_not_hide_others()
    {
        Close(10 * MiB, 0);
        Close(20 * MiB, 50_000_000);
        Close(30 * MiB, 0);
        Close(40 * MiB, 50_000_000);

        Assert.That(_history.Pop(20 * MiB, 70_000_000)?.Position, Is.EqualTo(20 * MiB));
        Assert.That(_history.Pop(40 * MiB, 70_000_000)?.Position, Is.EqualTo(40 * MiB));
    }

    [Test]
    public void Nothing_is_fetched_behind_the_last_file()
    {
        var reader = new ReaderWindow();
        reader.Start(0, null, 0);
        reader.Read(0, 2 * MiB, 0);

        Assert.That(_history.Closed(reader, Film with { FileEnd = 2 * MiB, RunOnEnd = 2 * MiB }, 0, out _), Is.False);
    }

    [Test]
    public void A_reader_that_read_nothing_leaves_nothing()
    {
        var reader = new ReaderWindow();
        reader.Start(5 * MiB, MiB, 0);

        Assert.That(_history.Closed(reader, Film, 0, out _), Is.False);
        Assert.That(_history.Pop(5 * MiB, 0), Is.Null);
    }

    /// <summary>A reader that has read 1 MiB up to here is closed.</summary>
    private void Close(long end, long now)
    {
        var reader = new ReaderWindow();
        reader.Start(end - MiB, null, now);
        reader.Read(end - MiB, MiB, now);
        _history.Closed(reader, Film, now, out _);
    }

    private static ReaderWindow Started(long position, long? length)
    {
        var window = new ReaderWindow();
        window.Start(position, length, 0);
        return window;
    }
}
