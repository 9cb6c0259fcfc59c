namespace Distribyted.Lab;

/// <summary>How playing went.</summary>
/// <param name="FirstByte">From opening to the first byte.</param>
/// <param name="Opened">From opening to having head and tail.</param>
/// <param name="Seeks">From each seek to the picture: the player's buffer is full.</param>
/// <param name="Stalls">How often the picture stood still.</param>
/// <param name="Stalled">For how long in all.</param>
/// <param name="Bytes">Bytes read.</param>
public sealed record PlayReport(
    TimeSpan FirstByte,
    TimeSpan Opened,
    IReadOnlyList<TimeSpan> Seeks,
    int Stalls,
    TimeSpan Stalled,
    long Bytes
);
