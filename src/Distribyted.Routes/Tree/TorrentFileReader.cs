using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;

namespace Distribyted.Routes.Tree;

/// <summary>A file of a torrent, open: the engine's reader under the tree's contract.</summary>
internal sealed class TorrentFileReader : FileReader
{
    private readonly TorrentReader? _reader;

    private TorrentFileReader(FileEntry entry, TorrentReader? reader)
    {
        Entry = entry;
        _reader = reader;
    }

    public override FileEntry Entry { get; }

    /// <summary>Opens the bytes from <paramref name="start"/> in the torrent. An empty file does not activate the torrent.</summary>
    internal static async ValueTask<FileReader> OpenAsync(
        Torrent torrent,
        FileEntry entry,
        long start,
        ReadIntent intent,
        CancellationToken cancellationToken
    )
    {
        if (entry.Length == 0)
        {
            return new TorrentFileReader(entry, null);
        }

        try
        {
            var position = Math.Clamp(intent.Offset, 0, entry.Length); // a hint that may be nonsense
            var reader = await torrent.OpenReaderAsync(start, entry.Length, position, intent.Length, intent.Client, cancellationToken);
            return new TorrentFileReader(entry, reader);
        }
        catch (TorrentException e)
        {
            throw Translate(e);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        if (_reader is null || destination.IsEmpty || offset >= Entry.Length)
        {
            return ValueTask.FromResult(0);
        }

        var read = _reader.ReadAsync(destination, offset, cancellationToken);
        return read.IsCompletedSuccessfully ? read : AwaitAsync(read);
    }

    public override PinnedBytes Pin(long offset, long most)
    {
        if (_reader is null || offset >= Entry.Length)
        {
            return default;
        }

        var pinned = _reader.PinBytes(offset, most);
        return new PinnedBytes(pinned.File, pinned.Position, pinned.Memory, pinned.Length, pinned.Pin);
    }

    public override void Sent(long offset, int count)
    {
        _reader?.Sent(offset, count);
    }

    public override ValueTask DisposeAsync()
    {
        return _reader?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    internal static FileSystemException Translate(TorrentException e)
    {
        var failure = e.Failure switch
        {
            TorrentFailure.Removed => FileSystemFailure.Removed,
            TorrentFailure.NoSpace => FileSystemFailure.NoSpace,
            TorrentFailure.InvalidTorrent => FileSystemFailure.Corrupt,
            _ => FileSystemFailure.Unavailable,
        };
        return new FileSystemException(failure, e.Message, e);
    }

    private static async ValueTask<int> AwaitAsync(ValueTask<int> read)
    {
        try
        {
            return await read;
        }
        catch (TorrentException e)
        {
            throw Translate(e);
        }
    }
}
