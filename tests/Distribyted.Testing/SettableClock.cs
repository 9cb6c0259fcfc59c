using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Testing;

/// <summary>A fake clock whose wall time can be set, as by NTP on a machine without a battery: timers and timestamps go on as before.</summary>
internal sealed class SettableClock : FakeTimeProvider
{
    private TimeSpan _offset;

    /// <summary>Sets the wall clock forwards or back.</summary>
    public void SetWallClock(TimeSpan by)
    {
        _offset += by;
    }

    public override DateTimeOffset GetUtcNow()
    {
        return base.GetUtcNow() + _offset;
    }

    public override long GetTimestamp()
    {
        return base.GetTimestamp() - _offset.Ticks;
    }
}
