namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One wait of a reader that lasted a second or longer.</summary>
/// <param name="Id">Unique.</param>
/// <param name="At">When the wait began.</param>
/// <param name="Seconds">How long it lasted, or had lasted when it was noted last.</param>
/// <param name="IsOver">Whether it ended; false also when the program ended before it.</param>
/// <param name="Hash">Info hash.</param>
/// <param name="Torrent">Its name then.</param>
/// <param name="File">The file that was read.</param>
/// <param name="Client">Who read. Null for users who may only read.</param>
/// <param name="Piece">The piece that it waited for; -1: the metadata.</param>
/// <param name="Cause">Why, by one word of <c>cause</c> in readers.</param>
/// <param name="Text">The same as one sentence.</param>
public sealed record StallView(
    string Id,
    DateTimeOffset At,
    double Seconds,
    bool IsOver,
    string Hash,
    string Torrent,
    string File,
    string? Client,
    int Piece,
    string Cause,
    string Text
);

/// <summary>The stalls of the last 24 hours, the newest first.</summary>
public sealed record StallsView(IReadOnlyList<StallView> Items);
