namespace Distribyted.FileSystem;

/// <summary>An open file. Derive from it. Reads are positional: there is no seek state.</summary>
public abstract class FileReader : IAsyncDisposable
{
    /// <summary>The file as it was when it was opened.</summary>
    public abstract FileEntry Entry { get; }

    /// <summary>Reads bytes, waiting for them where they are not here yet.</summary>
    /// <param name="destination">Where they go. An empty one reads nothing.</param>
    /// <param name="offset">Bytes from the start of the file, at least 0. At or past the end the result is 0.</param>
    /// <param name="cancellationToken">Takes the wait back; nothing is lost.</param>
    /// <returns>Bytes read; before the end at least 1 and often fewer than asked, so that the first byte is early.</returns>
    /// <exception cref="FileSystemException">The bytes will not come: no progress in time, removed, or damaged.</exception>
    /// <remarks>One read at a time per reader; open one reader per request.</remarks>
    public abstract ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken);

    /// <summary>Pins bytes where they lie, for a socket that can take them without a copy. Never waits.</summary>
    /// <param name="offset">Bytes from the start of the file, at least 0.</param>
    /// <param name="most">Most bytes, at least 1.</param>
    /// <returns>Bytes from this offset on, often fewer than asked; of length 0 when they cannot be pinned now: read them instead.</returns>
    /// <remarks>A caller that sent some of them reports it with <see cref="Sent"/>. As with reads, one at a time per reader.</remarks>
    public virtual PinnedBytes Pin(long offset, long most)
    {
        return default;
    }

    /// <summary>Reports that pinned bytes went to the client: for the demand of this reader they count as read.</summary>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="count">How many.</param>
    public virtual void Sent(long offset, int count) { }

    /// <summary>Ends the demand of this reader: nothing more is fetched for it.</summary>
    public abstract ValueTask DisposeAsync();
}
