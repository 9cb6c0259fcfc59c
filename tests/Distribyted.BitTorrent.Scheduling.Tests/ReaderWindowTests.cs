namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class ReaderWindowTests
{
    private const long MiB = 1 << 20;
    private static readonly WindowLimits Film = new(64 * MiB, 512 * MiB, 1000 * MiB, 4000 * MiB);

    [Test]
    public void A_request_of_known_length_is_wanted_whole_and_nothing_beyond()
    {
        var window = Started(10 * MiB, MiB);

        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(11 * MiB));
        window.Read(10 * MiB, MiB, 1000);
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(11 * MiB));
    }

    [Test]
    public void A_long_request_grows_to_the_full_window_as_its_client_keeps_up()
    {
        var window = Started(0, 256 * MiB);
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(16 * MiB));

        for (var read = 0; read < 24; read++)
        {
            window.Read(read * MiB, MiB, read * 1000);
        }

        Assert.That(window.State(Film).WindowEnd - window.Position, Is.EqualTo(64 * MiB));
    }

    [Test]
    public void An_open_ended_request_begins_small_and_earns_twice_what_was_read()
    {
        var window = Started(0, null);
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(MiB));

        for (var read = 0; read < 8; read++)
        {
            window.Read(read * MiB, MiB, read * 1000);
        }

        Assert.That(window.State(Film).WindowEnd, Is.EqualTo((8 * MiB) + (16 * MiB) + (256 * 1024)));
    }

    [Test]
    public void A_player_is_never_further_ahead_than_twenty_seconds_of_its_own_speed()
    {
        var window = Started(0, null);
        for (var read = 0; read < 100; read++)
        {
            window.Read(read * MiB, MiB, read * 1_000_000L);
        }

        var state = window.State(Film);
        Assert.That(state.Rate, Is.EqualTo(MiB).Within(5).Percent);
        Assert.That(state.WindowEnd - state.Position, Is.EqualTo(20 * MiB).Within(5).Percent);
    }

    [Test]
    public void Waiting_for_us_does_not_make_a_reader_slow()
    {
        var window = Started(0, 256 * MiB);
        var now = 0L;
        for (var read = 0; read < 10; read++)
        {
            window.Blocked(read * MiB, now);
            Assert.That(window.BlockedSince, Is.EqualTo(now));
            now += 1_000_000;
            window.Unblocked(now);
            now += 10_000;
            window.Read(read * MiB, MiB, now);
        }

        Assert.That(window.Rate, Is.EqualTo(100 * MiB).Within(10).Percent);
    }

    [Test]
    public void A_seek_forgets_what_was_earned_and_a_small_jump_does_not()
    {
        var window = Started(0, null);
        for (var read = 0; read < 8; read++)
        {
            window.Read(read * MiB, MiB, 0);
        }

        window.Blocked((8 * MiB) + 500_000, 0);
        Assert.That(window.Contiguous, Is.EqualTo(8 * MiB));

        window.Blocked(700 * MiB, 0);
        Assert.That(window.Contiguous, Is.Zero);
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(701 * MiB));
    }

    [Test]
    public void Limits_of_option_share_and_file_hold()
    {
        var window = Started(0, 256 * MiB);

        Assert.That(window.State(Film with { ReadAhead = 0 }).WindowEnd, Is.EqualTo(1));
        Assert.That(window.State(Film with { Share = 2 * MiB }).WindowEnd, Is.EqualTo(2 * MiB));
        Assert.That(window.State(Film with { FileEnd = 100 }).WindowEnd, Is.EqualTo(100));
    }

    [TestCase(MiB - 1, 0, Description = "too little to know")]
    [TestCase(MiB, MiB)]
    public void The_speed_of_a_reader_is_known_after_1_MiB(long bytes, long rate)
    {
        var window = Started(0, null);

        window.Read(0, bytes, 1_000_000);

        Assert.That(window.Rate, Is.EqualTo(rate));
    }

    [Test]
    public void What_a_reader_did_before_it_waits_is_its_own_time()
    {
        var window = Started(0, 256 * MiB);
        var now = 0L;
        for (var read = 0; read < 10; read++)
        {
            now += 1_000_000; // plays
            window.Blocked(read * MiB, now);
            now += 5_000_000; // waits for us
            window.Read(read * MiB, MiB, now);
        }

        Assert.That(window.Rate, Is.EqualTo(MiB).Within(1).Percent);
    }

    [Test]
    public void A_reader_waits_since_the_first_time_that_it_is_told_until_it_reads()
    {
        var window = Started(0, null);

        window.Blocked(0, 0);
        window.Blocked(0, 500);
        Assert.That(window.State(Film).BlockedSince, Is.Zero);

        window.Read(0, 100, 700);
        Assert.That((window.State(Film).BlockedSince, window.State(Film).Position), Is.EqualTo((-1L, 100L)));
    }

    [Test]
    public void A_reader_whose_speed_is_not_known_yet_earns_twice_what_it_read()
    {
        var window = Started(0, null);

        window.Read(0, MiB - 1, 1000);

        Assert.That(window.State(Film).WindowEnd, Is.EqualTo((3 * (MiB - 1)) + (256 * 1024)));
    }

    // Bytes from the end of what was read without a gap, 8 MiB.
    [TestCase(MiB, true, Description = "kernels reorder reads")]
    [TestCase(-MiB, true)]
    [TestCase(MiB + 1, true, Description = "a player that passes over something that is not long beside what it played")]
    [TestCase(16 * MiB, true)]
    [TestCase((16 * MiB) + 1, false)]
    [TestCase(-MiB - 1, false, Description = "back is a seek")]
    public void A_jump_is_a_seek_when_it_is_long_or_goes_back(long distance, bool keeps)
    {
        var (blocked, reading) = (Started(0, null), Started(0, null));
        blocked.Read(0, 8 * MiB, 0);
        reading.Read(0, 8 * MiB, 0);

        blocked.Blocked((8 * MiB) + distance, 0);
        reading.Read((8 * MiB) + distance, 10, 0);

        Assert.That((blocked.Contiguous, reading.Contiguous), Is.EqualTo(keeps ? (8 * MiB, (8 * MiB) + 10) : (0L, 10L)));
        Assert.That((blocked.Position, reading.Position), Is.EqualTo(((8 * MiB) + distance, (8 * MiB) + distance + 10)));
    }

    [TestCase(MiB, 0, false, Description = "nothing was read")]
    [TestCase(MiB, MiB - 1, false)]
    [TestCase(MiB, MiB, true, Description = "all that was asked for")]
    [TestCase(3 * MiB, (2 * MiB) - 1, false)]
    [TestCase(3 * MiB, 2 * MiB, true, Description = "all of the file")]
    [TestCase(null, 2 * MiB, true)]
    [TestCase(0L, 0, false, Description = "nothing was to be read")]
    public void A_request_is_at_its_end_when_it_or_the_file_was_read(long? expected, long read, bool isAtEnd)
    {
        var window = Started(0, expected);
        if (read > 0)
        {
            window.Read(0, read, 0);
        }

        Assert.That(window.IsAtEnd(2 * MiB), Is.EqualTo(isAtEnd));
    }

    // A client that asks for chunk after chunk of 1 MiB; where the window of the last one ends, in MiB from its start.
    [TestCase(0, 1.0, Description = "the first: what was asked for")]
    [TestCase(1, 1.0, Description = "they follow each other, but not for long")]
    [TestCase(2, 4.25, Description = "2 MiB one after the other: twice that and 256 KiB")]
    [TestCase(4, 8.25)]
    public void Chunks_that_follow_each_other_earn_a_window_beyond_the_chunk(int before, double mib)
    {
        var history = new ReaderHistory();
        var window = new ReaderWindow();
        for (var chunk = 0; chunk <= before; chunk++)
        {
            window = new ReaderWindow();
            window.Start(chunk * MiB, MiB, 0, history.Pop(chunk * MiB, 0));
            if (chunk < before)
            {
                window.Read(chunk * MiB, MiB, 0);
                history.Closed(window, Film, 0, out _);
            }
        }

        Assert.That(window.State(Film).WindowEnd - window.Position, Is.EqualTo((long)(mib * MiB)));
        Assert.That((window.Chained, window.Contiguous), Is.EqualTo((before, before * MiB)));
    }

    [Test]
    public void The_next_request_knows_the_speed_of_those_before_it()
    {
        var first = Started(0, null);
        first.Read(0, 2 * MiB, 1_000_000);
        var second = new ReaderWindow();

        second.Start(2 * MiB, null, 1_000_000, first.Past());

        Assert.That((second.Rate, first.Rate), Is.EqualTo((2 * MiB, 2 * MiB)));
    }

    private static ReaderWindow Started(long position, long? length)
    {
        var window = new ReaderWindow();
        window.Start(position, length, 0);
        return window;
    }
}
