using System.Collections.Immutable;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Indexes;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Content;

/// <summary>A stored entry, open: byte ranges of the volumes below, read and pinned there. One volume is open at a time.</summary>
internal sealed class StoredEntryReader : FileReader
{
    // Near its end an entry is read with a known length: what comes after it in the archive is not fetched.
    private const long OpenEnd = 16 << 20;

    private readonly ArchiveFile _archive;
    private readonly ArchiveContent _content;
    private readonly ArchiveEntry _entry;
    private readonly ReadIntent _intent;
    private ImmutableArray<StoredRange> _ranges;
    private FileReader? _below;
    private int _volume = -1;
    private bool _isDisposed;

    /// <param name="archive">The volumes.</param>
    /// <param name="content">Knows where the entry lies, or learns it.</param>
    /// <param name="stored">A stored entry.</param>
    /// <param name="entry">The same for listings.</param>
    /// <param name="intent">What will be read.</param>
    public StoredEntryReader(ArchiveFile archive, ArchiveContent content, ArchiveEntry stored, FileEntry entry, ReadIntent intent)
    {
        _archive = archive;
        _content = content;
        _entry = stored;
        _intent = intent;
        Entry = entry;
        content.TryLocate(stored, out _ranges);
    }

    public override FileEntry Entry { get; }

    /// <summary>Opens the volume that is read first when it is known which that is, so that its bytes are fetched from now on.</summary>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        var offset = Math.Clamp(_intent.Offset, 0, Entry.Length);
        if (Find(offset, out var at))
        {
            await OpenAsync(at, cancellationToken);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (destination.IsEmpty || offset >= Entry.Length)
        {
            return 0;
        }

        if (_ranges.IsDefaultOrEmpty)
        {
            _ranges = await _content.LocateAsync(_archive, _entry, _intent.Client, cancellationToken);
        }

        if (!Find(offset, out var at))
        {
            throw new FileSystemException(FileSystemFailure.Corrupt, $"\"{Entry.Name}\" is shorter than \"{_archive.Entry.Name}\" says.");
        }

        var below = await OpenAsync(at, cancellationToken);
        var most = (int)Math.Min(destination.Length, at.Left);
        return await below.ReadAsync(destination[..most], at.Offset, cancellationToken);
    }

    public override PinnedBytes Pin(long offset, long most)
    {
        return offset < Entry.Length && Find(offset, out var at) && _volume == at.Volume && _below is { } below
            ? below.Pin(at.Offset, Math.Min(most, at.Left))
            : default;
    }

    public override void Sent(long offset, int count)
    {
        if (Find(offset, out var at) && _volume == at.Volume)
        {
            _below?.Sent(at.Offset, count);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_below is { } below)
        {
            _below = null;
            await below.DisposeAsync();
        }
    }

    private bool Find(long offset, out Position position)
    {
        position = default;
        if (_ranges.IsDefaultOrEmpty)
        {
            return false;
        }

        var start = 0L;
        foreach (var range in _ranges)
        {
            if (offset < start + range.Length)
            {
                var inRange = offset - start;
                position = new Position(range.Volume, range.Offset + inRange, range.Length - inRange);
                return true;
            }

            start += range.Length;
        }

        return false;
    }

    private async ValueTask<FileReader> OpenAsync(Position at, CancellationToken cancellationToken)
    {
        if (_below is not null && _volume == at.Volume)
        {
            return _below;
        }

        if (_below is not null)
        {
            await _below.DisposeAsync();
            _below = null;
        }

        var file = _archive.Volumes[at.Volume];
        long? length = _intent.Length is null && at.Left > OpenEnd ? null : Math.Min(_intent.Length ?? long.MaxValue, at.Left);
        var reader = await file.OpenAsync(new ReadIntent(at.Offset, length, _intent.Client), cancellationToken);
        if (reader is null || reader.Entry.ETag != file.Entry.ETag)
        {
            if (reader is not null)
            {
                await reader.DisposeAsync();
            }

            throw new FileSystemException(FileSystemFailure.Removed, $"\"{file.Entry.Name}\" was removed or replaced.");
        }

        _volume = at.Volume;
        return _below = reader;
    }

    /// <summary>A place in a volume and how many bytes of the entry follow there.</summary>
    private readonly record struct Position(int Volume, long Offset, long Left);
}
