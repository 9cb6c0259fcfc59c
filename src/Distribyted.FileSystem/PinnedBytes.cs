using Microsoft.Win32.SafeHandles;

namespace Distribyted.FileSystem;

/// <summary>Bytes of an open file, pinned where they lie, so that a socket can take them without a copy in between.</summary>
/// <remarks>Until it is disposed the bytes stay there. Pages of the file on disk that a socket still holds by then stay as they are until it has sent
/// them: the file system that pinned them waits for that before it writes there again.</remarks>
/// <param name="File">A file on disk, only to be read and never to be closed by the caller; null: the bytes are in <paramref name="Memory"/>.</param>
/// <param name="Position">Bytes from the start of that file.</param>
/// <param name="Memory">The bytes, where there is no file.</param>
/// <param name="Length">How many bytes; 0: nothing is pinned, and there is no <paramref name="Pin"/>.</param>
/// <param name="Pin">What unpins them.</param>
public readonly record struct PinnedBytes(SafeFileHandle? File, long Position, ReadOnlyMemory<byte> Memory, int Length, IDisposable? Pin)
    : IDisposable
{
    /// <summary>Unpins the bytes.</summary>
    public void Dispose()
    {
        Pin?.Dispose();
    }
}
