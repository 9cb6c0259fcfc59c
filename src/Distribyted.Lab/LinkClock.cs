namespace Distribyted.Lab;

/// <summary>When bytes that enter one direction of a line come out of it. One for all connections of the line.</summary>
internal sealed class LinkClock(LinkDirection direction, int seed, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Random _random = new(seed);
    private TimeSpan _free; // when the line has sent what was given to it

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes the line for so many bytes and says when the last of them arrives, counted from the start of the line.</summary>
    public TimeSpan Send(int bytes)
    {
        lock (_lock)
        {
            var now = Now;
            var start = _free > now ? _free : now;
            if (direction.StallEvery > TimeSpan.Zero)
            {
                var into = TimeSpan.FromTicks(start.Ticks % (direction.StallEvery + direction.StallLength).Ticks);
                start += into >= direction.StallEvery ? direction.StallEvery + direction.StallLength - into : TimeSpan.Zero;
            }

            _free = start + (direction.BytesPerSecond > 0 ? TimeSpan.FromSeconds((double)bytes / direction.BytesPerSecond) : TimeSpan.Zero);
            return _free + direction.Delay + (direction.Jitter * _random.NextDouble());
        }
    }

    /// <summary>Waits for a time that <see cref="Send"/> named.</summary>
    public Task WaitUntilAsync(TimeSpan arrival, CancellationToken cancellationToken)
    {
        var wait = arrival - Now;
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }
}
