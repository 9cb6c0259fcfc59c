using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Gives the disk space of a part of a file back (fallocate(2)). Linux of 64 bits only.</summary>
internal static partial class FileHoles
{
    private const int KeepSizeAndPunch = 1 | 2; // FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE

    /// <summary>Makes a hole, which reads as zeros. False: the system or the disk cannot.</summary>
    public static bool TryPunch(SafeFileHandle file, long position, long length)
    {
        return OperatingSystem.IsLinux() && Environment.Is64BitProcess && Allocate(file, KeepSizeAndPunch, position, length) == 0;
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long position, long length);
}
