using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Testing;

/// <summary>A clock on which time passes only by waiting, and then at once: what is measured with it does not depend on the speed of the machine.</summary>
/// <remarks>For one thing that waits at a time; two would not wait side by side.</remarks>
internal sealed class JumpingClock : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
        }

        return timer;
    }
}
