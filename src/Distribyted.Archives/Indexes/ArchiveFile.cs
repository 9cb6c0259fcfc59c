using System.Security.Cryptography;
using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Indexes;

/// <summary>An archive as it lies in the tree below: one file, or the volumes of a set in their order.</summary>
internal sealed class ArchiveFile
{
    /// <param name="volumes">At least one; all are files.</param>
    /// <param name="missing">The first volume that is not there although a later one is; null: no gap is seen.</param>
    /// <param name="mayBePieces">Whether the volumes may be pieces of one file.</param>
    public ArchiveFile(IReadOnlyList<FoundEntry> volumes, string? missing = null, bool mayBePieces = false)
    {
        Volumes = volumes;
        Missing = missing;
        MayBePieces = mayBePieces;
        Tag = volumes.Count == 1 ? Entry.ETag : SetTag(volumes);
    }

    /// <summary>The volumes.</summary>
    public IReadOnlyList<FoundEntry> Volumes { get; }

    /// <summary>The first volume that is not there although a later one is; null: no gap is seen.</summary>
    public string? Missing { get; }

    /// <summary>Whether the volumes may be pieces of one file: what they are, their first bytes say.</summary>
    public bool MayBePieces { get; }

    /// <summary>The first volume.</summary>
    public FileEntry Entry => Volumes[0].Entry;

    /// <summary>Its strong tag: the same for the same bytes of all volumes.</summary>
    public string Tag { get; }

    private static string SetTag(IReadOnlyList<FoundEntry> volumes)
    {
        var tags = string.Join('\n', volumes.Select(static volume => volume.Entry.ETag));
        return "v-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tags)).AsSpan(0, 16));
    }
}
