using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>What a file entry of UDF says.</summary>
/// <param name="Type">4: a folder; 5: a file; others are links, devices and what belongs to the file system.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Modified">When its content last changed.</param>
/// <param name="Extents">Where its content lies.</param>
/// <param name="Embedded">Where its content lies in the entry itself, bytes from the start of the image; null: it does not.</param>
internal sealed record UdfFile(int Type, long Length, DateTimeOffset? Modified, ImmutableArray<UdfExtent> Extents, long? Embedded)
{
    public const int Folder = 4;

    public bool IsRegular => Type is 0 or 5 or 249;
}
