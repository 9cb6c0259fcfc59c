using System.Security.Cryptography;
using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Indexes;

/// <summary>An archive as it lies in the tree below: one file, or the volumes of a set in their order.</summary>
internal sealed class ArchiveFile
{
    /// <param name="volumes">At least one; all are files.</param>
    public ArchiveFile(IReadOnlyList<FoundEntry> volumes)
    {
        Volumes = volumes;
        Tag = volumes.Count == 1 ? Entry.ETag : SetTag(volumes);
    }

    /// <summary>The volumes.</summary>
    public IReadOnlyList<FoundEntry> Volumes { get; }

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
