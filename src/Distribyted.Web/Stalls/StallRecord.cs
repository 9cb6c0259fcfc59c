namespace Distribyted.Web.Stalls;

/// <summary>One wait of a reader that lasted a second or longer.</summary>
/// <param name="Id">Unique; a later record of the same id replaces the former.</param>
/// <param name="At">When the wait began.</param>
/// <param name="Seconds">How long it lasted, or has lasted until now.</param>
/// <param name="IsOver">Whether it ended; false also when the program ended before it.</param>
/// <param name="Hash">Info hash.</param>
/// <param name="Torrent">Its name then.</param>
/// <param name="Routes">The routes that had it.</param>
/// <param name="File">The file that was read.</param>
/// <param name="Client">Who read.</param>
/// <param name="Piece">The piece that it waited for; -1: the metadata.</param>
/// <param name="Cause">Why, as the API spells it.</param>
/// <param name="Text">The same as one sentence.</param>
internal sealed record StallRecord(
    string Id,
    DateTimeOffset At,
    double Seconds,
    bool IsOver,
    string Hash,
    string Torrent,
    IReadOnlyList<string> Routes,
    string File,
    string Client,
    int Piece,
    string Cause,
    string Text
);
