using SharpCompress.Archives;
using SharpCompress.Readers;

namespace Distribyted.Archives.Unpacking;

/// <summary>Decompresses the entries of an archive from its beginning, in one pass.</summary>
/// <param name="archive">Disposed with this one; null: nothing.</param>
/// <param name="reader">Goes through the entries.</param>
/// <param name="ordinals">The positions of entries, where the reader has another order; null: it has that of the archive.</param>
internal sealed class SolidUnpacker(IArchive? archive, IReader reader, Dictionary<object, int>? ordinals) : IUnpacker
{
    private Stream? _content;
    private int _passed = -1;

    public int Ordinal { get; private set; } = -1;

    public bool MoveNext()
    {
        return Guard.Run(() =>
        {
            Close();
            while (reader.MoveToNextEntry())
            {
                _passed++;
                if (!reader.Entry.IsDirectory && reader.Entry.Size != 0)
                {
                    Ordinal = ordinals is null ? _passed : ordinals[reader.Entry];
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
            // Opened with the first byte that is wanted: an entry that is passed over is skipped by the reader, which knows whether it must decompress it.
            _content ??= reader.OpenEntryStream();
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
        // Closing an entry in the middle would decompress the rest of it.
        reader.Cancel();
        reader.Dispose();
        archive?.Dispose();
    }

    private void Close()
    {
        _content?.Dispose();
        _content = null;
    }
}
