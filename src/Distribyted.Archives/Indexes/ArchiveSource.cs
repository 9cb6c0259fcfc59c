using Distribyted.Archives.Formats;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Indexes;

/// <summary>The bytes of an archive for a format's header reader: says before each jump how little is read there, so that nothing is fetched ahead.</summary>
internal sealed class ArchiveSource(ArchiveFile archive, string client) : IArchiveSource, IAsyncDisposable
{
    private const int WindowLength = 16 * 1024;

    private readonly byte[] _window = new byte[WindowLength];
    private readonly List<FileReader> _expected = [];
    private FileReader? _reader;
    private int _volume = -1;
    private long _next; // where the reader would go on
    private long _start;
    private int _length; // of the window that begins at _start

    public int Volumes => archive.Volumes.Count;

    public string NameOf(int volume)
    {
        return archive.Volumes[volume].Entry.Name;
    }

    public long LengthOf(int volume)
    {
        return archive.Volumes[volume].Entry.Length;
    }

    /// <summary>Has the swarm fetch what will be read, until this is disposed.</summary>
    public async ValueTask ExpectAsync(CancellationToken cancellationToken)
    {
        foreach (var (volume, intent) in ExpectedReads.Of(archive, client))
        {
            if (await archive.Volumes[volume].OpenAsync(intent, cancellationToken) is { } reader)
            {
                _expected.Add(reader);
            }
        }
    }

    public async ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length = (int)Math.Clamp(LengthOf(volume) - offset, 0, destination.Length);
        for (var filled = 0; filled < length; )
        {
            var at = offset + filled;
            if (volume == _volume && at >= _start && at < _start + _length)
            {
                var inWindow = (int)(at - _start);
                var count = Math.Min(length - filled, _length - inWindow);
                _window.AsSpan(inWindow, count).CopyTo(destination.Span[filled..]);
                filled += count;
                continue;
            }

            var reader = await OpenAsync(volume, at, length - filled, cancellationToken);
            var isLarge = length - filled >= WindowLength;
            var into = isLarge ? destination[filled..length] : _window;
            var read = await reader.ReadAsync(into, at, cancellationToken); // what is there: never waits for more
            if (read == 0)
            {
                throw new FileSystemException(FileSystemFailure.Corrupt, $"{NameOf(volume)} is shorter than it was said to be.");
            }

            _next = at + read;
            if (isLarge)
            {
                filled += read;
            }
            else
            {
                (_start, _length) = (at, read);
            }
        }

        return length;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        foreach (var reader in _expected)
        {
            await reader.DisposeAsync();
        }

        _expected.Clear();
    }

    private async ValueTask CloseAsync()
    {
        if (_reader is { } reader)
        {
            _reader = null;
            await reader.DisposeAsync();
        }
    }

    private async ValueTask<FileReader> OpenAsync(int volume, long offset, int count, CancellationToken cancellationToken)
    {
        if (_reader is not null && _volume == volume && _next == offset)
        {
            return _reader;
        }

        await CloseAsync();
        _length = 0;
        _volume = volume;
        var file = archive.Volumes[volume];
        var reader = await file.OpenAsync(new ReadIntent(offset, count, client), cancellationToken);
        return _reader =
            reader is { } opened && opened.Entry.ETag == file.Entry.ETag
                ? opened
                : throw new FileSystemException(FileSystemFailure.Removed, $"\"{file.Entry.Name}\" was removed or replaced.");
    }
}
