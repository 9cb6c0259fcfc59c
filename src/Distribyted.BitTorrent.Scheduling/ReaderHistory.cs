namespace Distribyted.BitTorrent.Scheduling;

/// <summary>
/// Remembers closed readers for a minute, so that a client which opens, reads and closes for every chunk keeps its read-ahead (anacrolix#182).
/// One per torrent; pure.
/// </summary>
public sealed class ReaderHistory
{
    /// <summary>How long demand stays after a reader that has read to its end: the next request mostly comes at once.</summary>
    public const long Lingers = 1_000_000;

    private const long KeptFor = 60_000_000;
    private const long Tolerance = 1 << 20;
    private const int Most = 64;

    private readonly (ReaderPast Past, long At)[] _items = new (ReaderPast, long)[Most];
    private int _count;

    /// <summary>A reader was closed.</summary>
    /// <param name="window">Its window.</param>
    /// <param name="limits">As for its last state.</param>
    /// <param name="now">When.</param>
    /// <param name="state">What goes on being fetched.</param>
    /// <returns>True: hand <paramref name="state"/> to <see cref="PieceScheduler.ReaderLingers"/> until <paramref name="now"/> + <see cref="Lingers"/>. False: its demand ends now.</returns>
    public bool Closed(ReaderWindow window, in WindowLimits limits, long now, out ReaderState state)
    {
        state = default;
        if (window.Contiguous == 0)
        {
            return false;
        }

        var past = window.Past();
        if (_count == Most)
        {
            RemoveOldest();
        }

        _items[_count++] = (past, now);
        if (!window.IsAtEnd(limits.FileEnd))
        {
            return false;
        }

        var next = new ReaderWindow();
        next.Start(past.Position, 0, now, past);
        state = next.State(limits);
        return state.WindowEnd > state.Position;
    }

    /// <summary>What is known about reads that ended where this one starts, up to 1 MiB of padding or overlap between them; null: nothing. The record is removed.</summary>
    public ReaderPast? Pop(long position, long now)
    {
        var nearest = -1;
        for (var i = _count - 1; i >= 0; i--)
        {
            if (now - _items[i].At > KeptFor)
            {
                _items[i] = _items[--_count];
                nearest = -1;
                i = _count;
            }
            else if (Gap(i, position) <= Tolerance && (nearest < 0 || Gap(i, position) < Gap(nearest, position)))
            {
                nearest = i;
            }
        }

        if (nearest < 0)
        {
            return null;
        }

        var found = _items[nearest].Past;
        _items[nearest] = _items[--_count];
        return found;
    }

    private long Gap(int index, long position)
    {
        return Math.Abs(_items[index].Past.Position - position);
    }

    private void RemoveOldest()
    {
        var oldest = 0;
        for (var i = 1; i < _count; i++)
        {
            if (_items[i].At < _items[oldest].At)
            {
                oldest = i;
            }
        }

        _items[oldest] = _items[--_count];
    }
}
