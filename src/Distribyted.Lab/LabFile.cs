namespace Distribyted.Lab;

/// <summary>A file of the lab's content.</summary>
/// <param name="Path">Its names from the torrent's root down, with slashes.</param>
/// <param name="Length">Bytes.</param>
public sealed record LabFile(string Path, long Length);
