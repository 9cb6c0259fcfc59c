using Distribyted.FileSystem;

namespace Distribyted.Http.Files;

/// <summary>Which bytes of a file an answer holds.</summary>
internal struct FileBody
{
    private readonly long _fileLength;
    private readonly string _contentType;

    public FileBody(FileEntry entry, string contentType)
    {
        _fileLength = entry.Length;
        _contentType = contentType;
        First = new ByteRange(0, entry.Length);
        Length = entry.Length;
        IsOpenEnded = true;
    }

    /// <summary>The first or only range.</summary>
    public ByteRange First { get; private set; }

    /// <summary>All of them, when there is more than one.</summary>
    public IReadOnlyList<ByteRange>? All { get; private set; }

    /// <summary>The frame around them.</summary>
    public MultipartRanges? Multipart { get; private set; }

    /// <summary>Whether the client named no end.</summary>
    public bool IsOpenEnded { get; private set; }

    /// <summary>Whether it is a 206.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Content-Length.</summary>
    public long Length { get; private set; }

    public void Limit(ByteRange first, IReadOnlyList<ByteRange>? all, bool openEnded)
    {
        First = first;
        All = all;
        IsPartial = true;
        IsOpenEnded = openEnded;
        Multipart = all is null ? null : new MultipartRanges(all, _contentType, _fileLength);
        Length = Multipart?.Length ?? first.Length;
    }
}
