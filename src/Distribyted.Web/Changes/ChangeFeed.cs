namespace Distribyted.Web.Changes;

/// <summary>The last changes with numbers, for any number of listeners. A listener has nothing here but its place, so a slow one costs nothing; what it missed
/// beyond the kept changes it is told as a gap. Safe for use by many threads.</summary>
internal sealed class ChangeFeed
{
    private readonly Change?[] _kept;
    private readonly Lock _lock = new();

    // _lock guards both.
    private TaskCompletionSource _next = NewSignal();
    private long _last;

    /// <param name="capacity">How many changes are kept.</param>
    public ChangeFeed(int capacity)
    {
        _kept = new Change?[capacity];
    }

    /// <summary>Number of the last change; 0: there was none.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Adds a change and wakes all who wait.</summary>
    public void Publish(Change change)
    {
        TaskCompletionSource waiting;
        lock (_lock)
        {
            _kept[++_last % _kept.Length] = change;
            waiting = _next;
            _next = NewSignal();
        }

        waiting.SetResult();
    }

    /// <summary>What came after a number.</summary>
    /// <param name="after">Number of the last change that the listener has.</param>
    /// <param name="most">Most changes at once.</param>
    /// <returns>The changes in order; whether some before them are not kept any more; and a task that ends when there are more than these.</returns>
    public (IReadOnlyList<(long Number, Change Change)> Changes, bool HasGap, Task More) Read(long after, int most)
    {
        lock (_lock)
        {
            var oldest = Math.Max(1, _last - _kept.Length + 1);
            var hasGap = after + 1 < oldest || after > _last;
            var from = hasGap ? oldest : after + 1;
            var count = (int)Math.Min(most, Math.Max(0, _last - from + 1));
            var changes = new (long, Change)[count];
            for (var i = 0; i < count; i++)
            {
                changes[i] = (from + i, _kept[(from + i) % _kept.Length]!);
            }

            return (changes, hasGap, from + count <= _last ? Task.CompletedTask : _next.Task);
        }
    }

    private static TaskCompletionSource NewSignal()
    {
        return new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
