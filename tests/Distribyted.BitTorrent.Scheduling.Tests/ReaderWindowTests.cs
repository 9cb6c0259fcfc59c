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

    [Test]
    public void The_next_file_is_fetched_ahead_when_one_was_read_to_its_end_and_another_followed()
    {
        var history = new ReaderHistory();
        var first = Started(0, 2 * MiB);
        first.Read(0, 2 * MiB, 0);
        var limits = Film with { FileEnd = 2 * MiB };

        Assert.That(history.Closed(first, limits, 0, out var lingers), Is.True);
        Assert.That(lingers.Position, Is.EqualTo(2 * MiB));
        Assert.That(lingers.WindowEnd, Is.GreaterThan(4 * MiB));

        var second = new ReaderWindow();
        second.Start(2 * MiB, 2 * MiB, 1000, history.Pop(2 * MiB, 1000));
        Assert.That(second.State(Film with { FileEnd = 4 * MiB }).WindowEnd, Is.GreaterThan(4 * MiB));
    }

    [Test]
    public void Reads_that_jump_about_leave_nothing_behind()
    {
        var history = new ReaderHistory();
        var probe = Started(500 * MiB, MiB);
        probe.Read(500 * MiB, MiB / 2, 0);

        Assert.That(history.Closed(probe, Film, 0, out _), Is.False);
        Assert.That(history.Pop(100 * MiB, 0), Is.Null);
    }

    [Test]
    public void What_was_earned_is_remembered_for_a_minute()
    {
        var history = new ReaderHistory();
        var reader = Started(0, null);
        reader.Read(0, 4 * MiB, 0);
        history.Closed(reader, Film, 0, out _);
        history.Closed(reader, Film, 0, out _);

        Assert.That(history.Pop(4 * MiB, 59_000_000)?.Contiguous, Is.EqualTo(4 * MiB));
        Assert.That(history.Pop(4 * MiB, 61_000_000), Is.Null);
    }

    private static ReaderWindow Started(long position, long? length)
    {
        var window = new ReaderWindow();
        window.Start(position, length, 0);
        return window;
    }
}
