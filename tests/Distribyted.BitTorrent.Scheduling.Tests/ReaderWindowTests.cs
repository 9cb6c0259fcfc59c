namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class ReaderWindowTests
{
    private const long MiB = 1 << 20;
    private const long Second = 1_000_000;
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

    [Test]
    public void The_window_of_a_reader_that_rests_grows_by_a_piece_every_five_seconds_and_keeps_what_it_has()
    {
        var window = Started(0, null);
        window.Read(0, MiB, Second);
        var before = window.State(Film).WindowEnd;

        Assert.That(window.Rest(Film, (int)MiB, 6 * Second - 1), Is.False);
        Assert.That(window.Rest(Film, (int)MiB, 6 * Second));
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(before + MiB));
        Assert.That(window.Rest(Film, (int)MiB, 11 * Second - 1), Is.False);
        Assert.That(window.Rest(Film, (int)MiB, 11 * Second));
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(before + (2 * MiB)));

        window.Read(MiB, 1, 12 * Second);

        Assert.That(
            window.State(Film).WindowEnd,
            Is.GreaterThanOrEqualTo(before + (2 * MiB)),
            "it goes on, and what was asked is not cancelled"
        );
        Assert.That(window.Rest(Film, (int)MiB, 17 * Second - 1), Is.False, "five seconds from there on");
    }

    [Test]
    public void A_reader_that_rests_keeps_to_its_limits()
    {
        var window = Started(0, null);
        window.Read(0, MiB, 0);
        var limits = Film with { ReadAhead = 4 * MiB };
        var grown = 0;
        for (var seconds = 5; seconds < 100; seconds += 5)
        {
            grown += window.Rest(limits, (int)MiB, seconds * Second) ? 1 : 0;
        }

        Assert.That((window.State(limits).WindowEnd, grown), Is.EqualTo((5 * MiB, 2)), "from 2.25 MiB ahead to 4");
    }

    // Megabytes of a piece, of the share of the cache, and of what is wanted beyond the position in the end.
    [TestCase(1, 512, 64)]
    [TestCase(16, 512, 64)]
    [TestCase(1, 10, 10)]
    public void A_file_that_is_left_open_for_a_day_has_at_most_64_MiB_wanted_of_it(int piece, int share, int most)
    {
        var window = Started(0, null);
        window.Read(0, MiB, 0);
        var limits = Film with { Share = share * MiB };
        for (var seconds = 1; seconds <= 86_400; seconds++)
        {
            window.Rest(limits, (int)(piece * MiB), seconds * Second);
            Assert.That(window.State(limits).WindowEnd - window.Position, Is.LessThanOrEqualTo(most * MiB));
        }

        Assert.That(window.State(limits).WindowEnd - window.Position, Is.EqualTo(most * MiB));
    }

    [Test]
    public void Nothing_is_fetched_beyond_a_request_of_known_length_while_its_reader_rests()
    {
        var window = Started(0, 2 * MiB);
        window.Read(0, MiB, 0);

        Assert.That(window.Rest(Film, (int)MiB, 10 * Second), Is.False);
        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(2 * MiB));
    }

    [Test]
    public void A_reader_that_waits_or_has_hardly_read_anything_does_not_rest()
    {
        var window = Started(0, null);
        Assert.That(window.Rest(Film, (int)MiB, 5 * Second), Is.False, "it has read nothing");
        window.Read(0, MiB - 1, 5 * Second);
        Assert.That(window.Rest(Film, (int)MiB, 10 * Second), Is.False, "it has looked at the head of a file");
        window.Read(MiB - 1, 1, 10 * Second);
        window.Blocked(MiB, 10 * Second);
        Assert.That(window.Rest(Film, (int)MiB, 20 * Second), Is.False, "it waits");
    }

    [Test]
    public void A_seek_ends_what_grew_during_a_rest()
    {
        var window = Started(0, null);
        window.Read(0, MiB, 0);
        window.Rest(Film, (int)MiB, 5 * Second);
        window.Rest(Film, (int)MiB, 10 * Second);

        window.Blocked(500 * MiB, 11 * Second);
        window.Blocked(0, 12 * Second);

        Assert.That(window.State(Film).WindowEnd, Is.EqualTo(MiB));
    }

    private static ReaderWindow Started(long position, long? length)
    {
        var window = new ReaderWindow();
        window.Start(position, length, 0);
        return window;
    }
}
