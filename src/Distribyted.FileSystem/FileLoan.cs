using Microsoft.Win32.SafeHandles;

namespace Distribyted.FileSystem;

/// <summary>Bytes of an open file where they lie, lent so that a socket can take them without a copy in between.</summary>
/// <remarks>Until it is disposed the bytes stay there. Pages of a file that a socket holds by then stay as they are for as long as it does: whoever
/// lends sees to it.</remarks>
/// <param name="File">A file on disk, only to be read and never to be closed by who borrows; null: the bytes are in <paramref name="Memory"/>.</param>
/// <param name="Position">Bytes from the start of that file.</param>
/// <param name="Memory">The bytes, where there is no file.</param>
/// <param name="Length">How many bytes; 0: nothing is lent, and there is no lease.</param>
/// <param name="Lease">What ends the loan.</param>
public readonly record struct FileLoan(SafeFileHandle? File, long Position, ReadOnlyMemory<byte> Memory, int Length, IDisposable? Lease)
    : IDisposable
{
    /// <summary>Ends the loan.</summary>
    public void Dispose()
    {
        Lease?.Dispose();
    }
}
