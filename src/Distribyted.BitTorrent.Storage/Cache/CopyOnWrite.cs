using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Switches copy-on-write off for files that are overwritten again and again (FS_NOCOW_FL, <c>chattr +C</c>): btrfs on Linux only. Else each
/// overwritten piece leaves its old blocks behind in fragments, and in every snapshot.</summary>
/// <remarks>btrfs also makes no checksums for such files; pieces have their own.</remarks>
internal static partial class CopyOnWrite
{
    private const int NoCow = 0x0080_0000;

    // _IOR('f', 1, long) and _IOW('f', 2, long)
    private static readonly nuint s_getFlags = nuint.Size == 8 ? 0x8008_6601U : 0x8004_6601U;
    private static readonly nuint s_setFlags = nuint.Size == 8 ? 0x4008_6602U : 0x4004_6602U;

    /// <summary>Best effort; the file must be empty still.</summary>
    public static void Avoid(SafeFileHandle file, string folder)
    {
        try
        {
            if (OperatingSystem.IsLinux() && new DriveInfo(folder).DriveFormat == "btrfs")
            {
                long flags = 0;
                if (Control(file, s_getFlags, ref flags) == 0)
                {
                    flags |= NoCow;
                    _ = Control(file, s_setFlags, ref flags);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Not known: as it is.
        }
    }

    /// <summary>Whether it is off: for tests.</summary>
    public static bool IsAvoided(SafeFileHandle file)
    {
        long flags = 0;
        return Control(file, s_getFlags, ref flags) == 0 && (flags & NoCow) != 0;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref long flags);
}
