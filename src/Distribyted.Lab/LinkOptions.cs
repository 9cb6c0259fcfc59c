using System.Net;

namespace Distribyted.Lab;

/// <summary>A line between who connects to the shaper and its target.</summary>
public sealed record LinkOptions
{
    /// <summary>From who connects to the target: requests.</summary>
    public LinkDirection Up { get; init; } = new();

    /// <summary>From the target back: content.</summary>
    public LinkDirection Down { get; init; } = new();

    /// <summary>Where the shaper listens.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Where the target sees connections come from; null: as the system likes.</summary>
    public IPAddress? DialFrom { get; init; }

    /// <summary>Start of the random numbers that jitter is made of.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The same line both ways: half of the round trip each.</summary>
    public static LinkOptions Symmetric(TimeSpan roundTrip, long bytesPerSecond = 0)
    {
        var direction = new LinkDirection(roundTrip / 2, bytesPerSecond);
        return new LinkOptions { Up = direction, Down = direction };
    }
}
