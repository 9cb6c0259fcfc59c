namespace Distribyted.Archives.Formats.Rar;

/// <summary>Reads the blocks of RAR volumes of one version.</summary>
internal interface IRarHeaders
{
    /// <summary>Bytes by which the headers in front of an entry's data are longer in a volume than in the second one, because the volume's number is.</summary>
    int NumberGrowth(int volume);

    /// <summary>A new volume begins: what the main block of the one before said no longer holds.</summary>
    void StartVolume();

    /// <summary>Reads the header of the block that begins here.</summary>
    /// <returns>Null: the volume ends here.</returns>
    /// <exception cref="ArchiveException">The header is damaged or its password is not known.</exception>
    ValueTask<RarBlock?> ReadBlockAsync(int volume, long offset, CancellationToken cancellationToken);
}
