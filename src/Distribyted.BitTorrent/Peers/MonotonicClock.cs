namespace Distribyted.BitTorrent.Peers;

/// <summary>Microseconds since the engine was made; never decreasing.</summary>
internal sealed class MonotonicClock(TimeProvider time)
{
    public const long Second = 1_000_000;
    public const long Millisecond = 1_000;

    private readonly long _start = time.GetTimestamp();

    public TimeProvider Time => time;

    public long Now => time.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerMicrosecond;
}
