using Distribyted.Archives.Formats;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Unpacking;

/// <summary>What the library throws at damaged input is of any type: it becomes an <see cref="ArchiveException"/>. What the volumes throw stays what it is.</summary>
internal static class Guard
{
    public static T Run<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is not (ArchiveException or FileSystemException or OperationCanceledException))
        {
            throw From(error);
        }
    }

    public static ArchiveException From(Exception error)
    {
        return error is SharpCompress.Common.CryptographicException
            ? new ArchiveException(
                ArchiveFailure.PasswordNeeded,
                "The archive is encrypted, and none of the passwords in archives.passwords fits.",
                error
            )
            : new ArchiveException(ArchiveFailure.Damaged, $"The archive cannot be decompressed: {error.Message}", error);
    }
}
