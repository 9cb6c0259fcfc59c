namespace Distribyted.Archives.Formats;

/// <summary>Why an archive cannot be read.</summary>
internal enum ArchiveFailure
{
    /// <summary>Its headers contradict themselves, or it ends too early.</summary>
    Damaged,

    /// <summary>A volume of the set is not there; the message names it.</summary>
    VolumeMissing,

    /// <summary>Its headers are encrypted and no password fits.</summary>
    PasswordNeeded,

    /// <summary>It uses something that cannot be read here.</summary>
    NotSupported,

    /// <summary>Its headers are larger than the limit.</summary>
    TooLarge,

    /// <summary>Decompressing it takes more memory than was reserved for it: it is begun again with <see cref="ArchiveException.Memory"/>.</summary>
    MemoryNeeded,
}
