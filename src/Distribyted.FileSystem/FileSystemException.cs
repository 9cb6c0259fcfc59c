namespace Distribyted.FileSystem;

/// <summary>The one exception of a file system. What is expected (no such file) is a value instead.</summary>
public sealed class FileSystemException(FileSystemFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public FileSystemFailure Failure { get; } = failure;
}
