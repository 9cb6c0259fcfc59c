namespace Distribyted.Archives.Formats.Iso;

/// <summary>What a record of a folder says, without its extensions.</summary>
internal sealed record IsoItem(
    string Name,
    bool IsFolder,
    long Offset,
    long Length,
    DateTimeOffset? Modified,
    bool HasMoreExtents,
    bool IsInterleaved
);
