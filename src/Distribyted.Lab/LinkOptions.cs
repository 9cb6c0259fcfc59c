using System.Net;

namespace Distribyted.Lab;

/// <summary>One direction of a line.</summary>
/// <param name="Delay">How long every byte travels.</param>
/// <param name="BytesPerSecond">How much fits; 0: no limit. All connections of the line share it.</param>
/// <param name="Jitter">At most this much is added to the delay, at random, without changing the order.</param>
/// <param name="StallEvery">How often the line stands still; zero: never.</param>
/// <param name="StallLength">For how long.</param>
public sealed record LinkDirection(
    TimeSpan Delay = default,
    long BytesPerSecond = 0,
    TimeSpan Jitter = default,
    TimeSpan StallEvery = default,
    TimeSpan StallLength = default
);

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
