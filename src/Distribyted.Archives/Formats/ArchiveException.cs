namespace Distribyted.Archives.Formats;

/// <summary>An archive cannot be shown as a folder. The message says why in plain words, for its user.</summary>
internal sealed class ArchiveException(ArchiveFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public ArchiveFailure Failure { get; } = failure;

    /// <summary>With <see cref="ArchiveFailure.MemoryNeeded"/>: bytes that decompressing takes.</summary>
    public long Memory { get; init; }
}
