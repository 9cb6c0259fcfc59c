using Distribyted.Platform;

namespace Distribyted.Routes.Sharing;

/// <summary>A file of a shared folder as it was found. The times say whether it is still the same: a file that is replaced has another time
/// of creation, and one that is written to another time of change, even if its size and its time of writing were made alike.</summary>
/// <param name="Path">From the folder down, joined by slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Written">Ticks of its last write, UTC.</param>
/// <param name="Created">Ticks of its creation, UTC.</param>
/// <param name="Changed">Its <see cref="ChangeTime"/>; 0: not known, or hashed by a version that did not look at it.</param>
internal sealed record SharedFile(string Path, long Length, long Written, long Created, long Changed = 0);
