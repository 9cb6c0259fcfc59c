using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Verified bytes of a torrent's file where they lie, on disk or in memory, until the pin is disposed.</summary>
/// <remarks>Pages of the file on disk that a socket holds by then stay as they are for as long as it does: their slot is not written before.</remarks>
/// <param name="File">The file on disk, only to be read and never to be closed by the caller; null: the bytes are in <paramref name="Memory"/>.</param>
/// <param name="Position">Bytes from the start of the file on disk.</param>
/// <param name="Memory">The bytes, where there is no file.</param>
/// <param name="Length">How many bytes; 0: nothing is pinned, and there is no pin to dispose.</param>
/// <param name="Pin">Unpins the bytes when disposed.</param>
public readonly record struct PinnedFileBytes(
    SafeFileHandle? File,
    long Position,
    ReadOnlyMemory<byte> Memory,
    int Length,
    IDisposable? Pin
);
