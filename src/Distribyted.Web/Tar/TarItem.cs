using Distribyted.FileSystem;

namespace Distribyted.Web.Tar;

/// <summary>One file or folder of a tar.</summary>
/// <param name="path">In the tree.</param>
/// <param name="name">In the tar.</param>
/// <param name="entry">As it was when the folder was walked.</param>
internal sealed class TarItem(VirtualPath path, string name, FileEntry entry)
{
    private readonly int _headerLength = TarHeader.Of(name, entry.IsDirectory, entry.Length, entry.Modified).Length;

    public VirtualPath Path => path;

    public string Name => name;

    public FileEntry Entry => entry;

    /// <summary>Bytes of content.</summary>
    public long ContentLength => entry.IsDirectory ? 0 : entry.Length;

    /// <summary>Where the content begins, bytes from the start of the item.</summary>
    public int ContentStart => _headerLength;

    /// <summary>Bytes of header, content and padding.</summary>
    public long Length => _headerLength + ContentLength + TarHeader.Padding(ContentLength);

    /// <summary>The header. Made again each time: a hundred thousand of them would be 50 MB.</summary>
    public byte[] Header()
    {
        return TarHeader.Of(name, entry.IsDirectory, ContentLength, entry.Modified);
    }
}
