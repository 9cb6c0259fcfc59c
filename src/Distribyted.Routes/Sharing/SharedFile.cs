namespace Distribyted.Routes.Sharing;

/// <summary>A file of a shared folder as it was found. The times say whether it is still the same: a file that is replaced has another time
/// of creation even if its size and its time of writing were made alike.</summary>
/// <param name="Path">From the folder down, joined by slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Written">Ticks of its last write, UTC.</param>
/// <param name="Created">Ticks of its creation, UTC.</param>
internal sealed record SharedFile(string Path, long Length, long Written, long Created);
