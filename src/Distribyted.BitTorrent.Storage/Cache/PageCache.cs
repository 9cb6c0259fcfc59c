using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What the kernel keeps in memory of a file. Linux of 64 bits only.</summary>
/// <remarks>
/// A socket that was filled by sendfile has no copy: it holds pages of the file until the other side has them, over loopback until it has read them.
/// Writing into such a page changes what is still to be read. Pages that are pinned cannot be dropped from the page cache (posix_fadvise(2)), and
/// what is not in it is written into new pages: so a range is safe to overwrite as soon as none of its pages are there.
/// </remarks>
internal static partial class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private const int NoAccess = 0; // PROT_NONE
    private const int Shared = 1; // MAP_SHARED
    private const int ProbeLength = 64 * 1024; // one page at least, whatever the machine

    public static bool IsKnown { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Whether files of this folder can be dropped from the page cache, and seen to be: not on tmpfs, nor where there is none.</summary>
    /// <param name="path">A file that is made for the probe and stays, empty.</param>
    public static bool CanDrop(string path)
    {
        if (!IsKnown)
        {
            return false;
        }

        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, new byte[ProbeLength], 0);
        var isSeen = IsCached(file, 0, ProbeLength);
        RandomAccess.FlushToDisk(file);
        var canDrop = isSeen && TryDrop(file, 0, ProbeLength);
        RandomAccess.SetLength(file, 0);
        return canDrop;
    }

    /// <summary>Drops whole pages of a file from memory. False: some are pinned, for example by a socket, or not on disk yet (their writing begins now).</summary>
    public static bool TryDrop(SafeFileHandle file, long position, int length)
    {
        return Advise(file, position, length, DontNeed) == 0 && !IsCached(file, position, length);
    }

    // Any page of the range; also when the kernel does not say.
    private static bool IsCached(SafeFileHandle file, long position, int length)
    {
        var address = Map(0, (nuint)length, NoAccess, Shared, file, position);
        if (address == -1)
        {
            return true;
        }

        try
        {
            var pages = new byte[(length + Environment.SystemPageSize - 1) / Environment.SystemPageSize];
            return InCore(address, (nuint)length, pages) != 0 || pages.AsSpan().ContainsAnyExcept((byte)0);
        }
        finally
        {
            _ = Unmap(address, (nuint)length);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long position, long length, int advice);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long position);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    private static partial int InCore(nint address, nuint length, [Out] byte[] pages);
}
