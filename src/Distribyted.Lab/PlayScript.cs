namespace Distribyted.Lab;

/// <summary>What a scripted player does: look at head and tail as real ones do, play, seek and play again.</summary>
public sealed record PlayScript
{
    /// <summary>Bytes read at the start, before anything else.</summary>
    public int Head { get; init; } = 64 * 1024;

    /// <summary>Bytes read at the end, where many containers keep their index; 0: none.</summary>
    public int Tail { get; init; } = 64 * 1024;

    /// <summary>Bytes that a second of the film takes.</summary>
    public long BytesPerSecond { get; init; } = 1_000_000;

    /// <summary>How much film is played from the start and after each seek.</summary>
    public TimeSpan PlayFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Places to go to, as parts of the film: 0.5 is its middle.</summary>
    public IReadOnlyList<double> Seeks { get; init; } = [0.5, 0.25, 0.9];

    /// <summary>Film that the player keeps in its own buffer before it shows a picture.</summary>
    public TimeSpan Buffer { get; init; } = TimeSpan.FromMilliseconds(200);
}
