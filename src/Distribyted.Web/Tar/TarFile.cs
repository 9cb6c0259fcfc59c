using Distribyted.FileSystem;

namespace Distribyted.Web.Tar;

/// <summary>A folder as one file: a tar that exists only while it is read, and of which only what is read is fetched.</summary>
internal sealed class TarFile(IFileSystem files, TarLayout layout, FileEntry entry) : FoundEntry(entry)
{
    public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult<FileReader?>(new Reader(files, layout, Entry, intent));
    }

    /// <summary>Reads headers from memory and content from the files, one of which is open at a time.</summary>
    private sealed class Reader(IFileSystem files, TarLayout layout, FileEntry entry, ReadIntent intent) : FileReader
    {
        private FileReader? _file;
        private TarItem? _of;

        public override FileEntry Entry => entry;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            if (offset >= layout.Length || destination.IsEmpty)
            {
                return 0;
            }

            if (layout.At(offset) is not { } found)
            {
                return Zeros(destination, layout.Length - offset);
            }

            var (item, start) = found;
            var within = offset - start;
            if (within < item.ContentStart)
            {
                var header = item.Header().AsMemory((int)within);
                var count = Math.Min(header.Length, destination.Length);
                header[..count].CopyTo(destination);
                return count;
            }

            var position = within - item.ContentStart;
            return position < item.ContentLength
                ? await ReadFileAsync(item, position, offset, destination, cancellationToken)
                : Zeros(destination, item.Length - within);
        }

        public override ValueTask DisposeAsync()
        {
            return _file?.DisposeAsync() ?? ValueTask.CompletedTask;
        }

        private static int Zeros(Memory<byte> destination, long most)
        {
            var count = (int)Math.Min(destination.Length, most);
            destination.Span[..count].Clear();
            return count;
        }

        private async ValueTask<int> ReadFileAsync(
            TarItem item,
            long position,
            long offset,
            Memory<byte> destination,
            CancellationToken cancellationToken
        )
        {
            if (_of != item)
            {
                await DisposeAsync();
                (_of, _file) = (item, null);
                var left = item.ContentLength - position;
                var wanted = intent.Length is { } length ? Math.Clamp(intent.Offset + length - offset, 0, left) : left;
                _file = await files.OpenAsync(item.Path, new ReadIntent(position, wanted, intent.Client), cancellationToken);
            }

            if (_file is null || _file.Entry.Length != item.Entry.Length || _file.Entry.ETag != item.Entry.ETag)
            {
                throw new FileSystemException(
                    FileSystemFailure.Removed,
                    $"{item.Path.Value} was changed or removed while its folder was sent."
                );
            }

            var most = (int)Math.Min(destination.Length, item.ContentLength - position);
            return await _file.ReadAsync(destination[..most], position, cancellationToken);
        }
    }
}
