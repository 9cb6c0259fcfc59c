namespace Distribyted.Archives.Formats;

/// <summary>The bytes of an archive: one file, or the volumes of a set in their order. One read at a time.</summary>
internal interface IArchiveSource
{
    /// <summary>How many volumes, at least 1.</summary>
    int Volumes { get; }

    /// <summary>The name of a volume, for messages.</summary>
    string NameOf(int volume);

    /// <summary>Bytes of a volume.</summary>
    long LengthOf(int volume);

    /// <summary>Reads until the destination is full or the volume ends.</summary>
    /// <param name="volume">0 to <see cref="Volumes"/> - 1.</param>
    /// <param name="offset">Bytes from the start of the volume, at least 0; past the end reads nothing.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
    /// <returns>Bytes read; fewer than asked only at the end of the volume.</returns>
    ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
