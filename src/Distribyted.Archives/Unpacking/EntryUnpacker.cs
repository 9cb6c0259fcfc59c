using SharpCompress.Archives;

namespace Distribyted.Archives.Unpacking;

/// <summary>Decompresses entries that do not need those before them, from any of them on.</summary>
internal sealed class EntryUnpacker : IUnpacker
{
    private readonly IArchive _archive;
    private readonly IEnumerator<IArchiveEntry> _entries;
    private Stream? _content;

    /// <param name="archive">Disposed with this one.</param>
    /// <param name="first">Ordinal of the first entry that is wanted.</param>
    public EntryUnpacker(IArchive archive, int first)
    {
        _archive = archive;
        _entries = archive.Entries.Skip(first).GetEnumerator();
        Ordinal = first - 1;
    }

    public int Ordinal { get; private set; }

    public bool MoveNext()
    {
        return Guard.Run(() =>
        {
            _content?.Dispose();
            _content = null;
            while (_entries.MoveNext())
            {
                Ordinal++;
                if (!_entries.Current.IsDirectory && _entries.Current.Size != 0)
                {
                    return true;
                }
            }

            return false;
        });
    }

    public int Read(Span<byte> destination)
    {
        try
        {
            _content ??= _entries.Current.OpenEntryStream();
            return _content.Read(destination);
        }
        catch (Exception error)
            when (error is not (Formats.ArchiveException or FileSystem.FileSystemException or OperationCanceledException))
        {
            throw Guard.From(error);
        }
    }

    public void Dispose()
    {
        _content?.Dispose();
        _entries.Dispose();
        _archive.Dispose();
    }
}
