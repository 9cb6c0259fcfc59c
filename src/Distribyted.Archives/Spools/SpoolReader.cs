using Distribyted.FileSystem;

namespace Distribyted.Archives.Spools;

/// <summary>A packed entry, open: a range of the unpacked bytes of its block.</summary>
internal sealed class SpoolReader : FileReader
{
    private readonly Spool _spool;
    private readonly long _start;
    private bool _isDisposed;

    /// <param name="spool">The block.</param>
    /// <param name="entry">The entry for listings.</param>
    /// <param name="start">Where it begins in the block.</param>
    /// <param name="intent">What will be read.</param>
    public SpoolReader(Spool spool, FileEntry entry, long start, ReadIntent intent)
    {
        _spool = spool;
        _start = start;
        Entry = entry;
        Client = intent.Client;
        var first = Math.Clamp(intent.Offset, 0, entry.Length);
        Position = start + first;
        End = start + first + Math.Min(intent.Length ?? long.MaxValue, entry.Length - first);
        spool.Join(this);
    }

    public override FileEntry Entry { get; }

    public string Client { get; }

    /// <summary>Where it reads, bytes from the start of the block. Guarded by the lock of <see cref="SpoolStore"/>.</summary>
    public long Position { get; set; }

    /// <summary>Where it will stop, bytes from the start of the block.</summary>
    public long End { get; }

    /// <summary>Waits until the first bytes are there, so that what stops them is said before a response begins.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        return Position < End ? _spool.WaitAsync(this, Position, cancellationToken) : Task.CompletedTask;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (destination.IsEmpty || offset >= Entry.Length)
        {
            return 0;
        }

        var most = (int)Math.Min(destination.Length, Entry.Length - offset);
        var read = await _spool.ReadAsync(this, destination[..most], _start + offset, cancellationToken);
        return read > 0
            ? read
            : throw new FileSystemException(FileSystemFailure.Corrupt, $"\"{Entry.Name}\" is shorter than its archive says.");
    }

    /// <summary>Bytes of the whole block, once they are known.</summary>
    public long? BlockLength => _spool.Length;

    /// <summary>Reads as <see cref="ReadAsync"/> does, of a block whose length is not known; 0: it ends there.</summary>
    public ValueTask<int> ReadToEndAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        return _spool.ReadAsync(this, destination, _start + offset, cancellationToken);
    }

    public override PinnedBytes Pin(long offset, long most)
    {
        return offset < Entry.Length ? _spool.Pin(this, _start + offset, Math.Min(most, Entry.Length - offset)) : default;
    }

    public override ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _spool.Leave(this);
        }

        return ValueTask.CompletedTask;
    }
}
