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
