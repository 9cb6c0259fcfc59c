namespace Distribyted.BitTorrent;

/// <summary>A place in a torrent from which somebody reads. Its demand decides what is fetched; disposing it takes the demand back.</summary>
public sealed class TorrentReader : IAsyncDisposable
{
    internal TorrentReader() { }

    /// <summary>Reads verified bytes, waiting for the swarm when they are not here yet.</summary>
    /// <param name="destination">Where they go.</param>
    /// <param name="offset">Bytes from the start of the file that was opened. At or past the end the result is 0.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
    /// <returns>Bytes read; before the end at least 1 and often fewer than asked.</returns>
    /// <exception cref="TorrentException">No progress in time, removed, or a piece larger than the cache.</exception>
    /// <remarks>One read at a time.</remarks>
    public ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        throw new InvalidOperationException();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        throw new InvalidOperationException();
    }
}
