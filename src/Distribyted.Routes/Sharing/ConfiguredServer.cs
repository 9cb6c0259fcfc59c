namespace Distribyted.Routes.Sharing;

/// <summary>One shared folder of the file.</summary>
/// <param name="Name"><c>dn</c> of the magnet.</param>
/// <param name="Path">Folder.</param>
/// <param name="Trackers">One tier.</param>
/// <param name="TrackerUrl">A text list that replaces <paramref name="Trackers"/> when it can be fetched.</param>
/// <param name="QuietTime">Time without a change before it is hashed.</param>
/// <param name="PieceLength">Bytes, a power of two.</param>
/// <param name="IsPrivate">BEP 27.</param>
/// <param name="Where">Place in the file, for messages.</param>
public sealed record ConfiguredServer(
    string Name,
    string Path,
    IReadOnlyList<string> Trackers,
    string? TrackerUrl,
    TimeSpan QuietTime,
    int PieceLength,
    bool IsPrivate,
    string Where
);
