namespace Distribyted.BitTorrent.Scheduling;

/// <summary>
/// How far ahead is fetched for one reader: what its request asks for, and beyond that only what its own reading has earned.
/// Pure; positions are bytes of the torrent, times are microseconds.
/// </summary>
public sealed class ReaderWindow
{
    /// <summary>Wanted at once of an open-ended request: players take about this much to know a file.</summary>
    private const long OpenEndedStart = 1 << 20;

    /// <summary>Wanted at once of a request whose length is known, however long it is.</summary>
    private const long RequestedStart = 16 << 20;

    /// <summary>Jumps up to here are not seeks: kernels reorder reads (kipsilabs/altmount#677).</summary>
    private const long SmallJump = 1 << 20;
    private const long Sequential = 2 << 20;
    private const long Spare = 256 * 1024;
    private const double RateMemory = 2_000_000;
    private const long RateKnownAfter = 1 << 20;

    /// <summary>Microseconds without a read after which the window grows: a third of the time after which a seeder gives our idle upload slot away.</summary>
    private const long RestsAfter = 5_000_000;

    private long _expectedEnd;
    private bool _expected;
    private double _taken;
    private double _takenTime;
    private long _takenUnblocked;
    private long _unblockedAt;
    private long _readAt;
    private long _grownAt;
    private long _grownEnd;

    /// <summary>Next byte.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes read one after the other up to here; what came before a seek does not count.</summary>
    public long Contiguous { get; private set; }

    /// <summary>Earlier requests that this one continues, each beginning where the one before ended.</summary>
    public int Chained { get; private set; }

    /// <summary>Since when a read waits; -1: none does.</summary>
    public long BlockedSince { get; private set; } = -1;

    /// <summary>Bytes per second that the reader takes while it does not wait for us; 0: not known yet.</summary>
    public long Rate => _takenUnblocked < RateKnownAfter || _takenTime <= 0 ? 0 : (long)Math.Min(1e12, _taken * 1e6 / _takenTime);

    /// <summary>Begins at a position.</summary>
    /// <param name="position">First byte that will be read.</param>
    /// <param name="expectedBytes">How many will be read at most, as far as the client told us; null: it did not.</param>
    /// <param name="now">When.</param>
    /// <param name="before">What <see cref="ReaderHistory.Pop"/> knows about reads that ended here; null: nothing.</param>
    public void Start(long position, long? expectedBytes, long now, ReaderPast? before = null)
    {
        Position = position;
        _expected = expectedBytes is not null;
        _readAt = _grownAt = now;
        _grownEnd = 0;
        _expectedEnd = expectedBytes is { } bytes ? position + Math.Min(bytes, long.MaxValue - position) : long.MaxValue;
        BlockedSince = -1;
        _unblockedAt = now;
        Contiguous = before?.Contiguous ?? 0;
        Chained = before?.Chained ?? 0;
        _taken = before?.Taken ?? 0;
        _takenTime = before?.TakenTime ?? 0;
        _takenUnblocked = before?.TakenUnblocked ?? 0;
    }

    /// <summary>Bytes were handed to the reader.</summary>
    public void Read(long position, long count, long now)
    {
        if (position != Position)
        {
            Jump(position, now);
        }

        _readAt = now;
        Position = position + count;
        Contiguous += count;
        if (BlockedSince >= 0)
        {
            Unblocked(now);
        }

        var time = Math.Max(0, now - _unblockedAt);
        var keep = RateMemory / (RateMemory + time);
        _taken = (_taken * keep) + count;
        _takenTime = (_takenTime * keep) + Math.Max(1, time);
        _takenUnblocked += count;
        _unblockedAt = now;
    }

    /// <summary>A read at this position begins to wait.</summary>
    public void Blocked(long position, long now)
    {
        if (position != Position)
        {
            Jump(position, now);
        }

        if (BlockedSince < 0)
        {
            // What it did until now was its own time.
            var time = Math.Max(0, now - _unblockedAt);
            _takenTime += time;
            BlockedSince = now;
        }
    }

    /// <summary>The read goes on, or was given up.</summary>
    public void Unblocked(long now)
    {
        BlockedSince = -1;
        _unblockedAt = now;
    }

    /// <summary>
    /// Called about once a second. A paused player wants nothing once its window is here, and a seeder with more leechers than upload slots gives ours to another within
    /// fifteen seconds. So the window of a reader that has read 1 MiB and now reads nothing grows by a piece every five seconds, and each peer is asked for some blocks.
    /// It ends where the window of a fast reader does: <see cref="WindowLimits.ReadAhead"/> from the position, the share of the cache, or the end of the file.
    /// </summary>
    /// <returns>Whether it has grown.</returns>
    public bool Rest(in WindowLimits limits, int pieceLength, long now)
    {
        if (BlockedSince >= 0 || Contiguous < OpenEndedStart || now - Math.Max(_readAt, _grownAt) < RestsAfter)
        {
            return false;
        }

        _grownAt = now;
        var before = WindowEnd(limits);
        _grownEnd = before + pieceLength;
        return WindowEnd(limits) > before;
    }

    /// <summary>What the scheduler is told.</summary>
    public ReaderState State(in WindowLimits limits)
    {
        return new ReaderState(Position, WindowEnd(limits), Rate, BlockedSince);
    }

    /// <summary>What the next reader of this file, or of the next one, may take over.</summary>
    public ReaderPast Past()
    {
        return new ReaderPast(Position, Contiguous, Chained + 1, _taken, _takenTime, _takenUnblocked);
    }

    /// <summary>Whether everything that was asked for has been read, so that the next request may well go on here.</summary>
    public bool IsAtEnd(long fileEnd)
    {
        return Position >= Math.Min(_expectedEnd, fileEnd) && Contiguous > 0;
    }

    private long WindowEnd(in WindowLimits limits)
    {
        var most = Math.Min(limits.ReadAhead, limits.Share);
        var earned = (2 * Contiguous) + Spare;
        if (Rate > 0)
        {
            earned = Math.Min(earned, 20 * Rate);
        }

        // A request of known length is demand: the client has said that it will read these bytes.
        var ahead = _expected ? Math.Max(earned, RequestedStart + (2 * Contiguous)) : Math.Max(earned, OpenEndedStart);
        var end = limits.FileEnd;
        if (_expected && (Chained == 0 || Contiguous < Sequential))
        {
            end = Math.Min(end, _expectedEnd); // speculation begins when requests follow each other
        }
        else if (Chained > 0)
        {
            end = Math.Max(end, limits.RunOnEnd);
        }

        if (_expected && Position + ahead > _expectedEnd)
        {
            ahead = Math.Max(_expectedEnd - Position, earned);
        }

        ahead = Math.Clamp(Math.Max(ahead, _grownEnd - Position), 1, Math.Max(1, most));
        return Math.Min(Position + ahead, Math.Max(end, Position));
    }

    private void Jump(long position, long now)
    {
        var distance = position - Position;
        if (Math.Abs(distance) > SmallJump && (distance < 0 || distance > 2 * Contiguous))
        {
            Contiguous = 0;
            Chained = 0;
            _grownEnd = 0;
        }

        Position = position;
        _unblockedAt = now;
    }
}
