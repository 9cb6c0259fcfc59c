using System.Runtime.InteropServices;

namespace Distribyted.Platform;

/// <summary>When the system last changed anything of a file: the one time that programs cannot set back (ctime, POSIX.1). Linux only.</summary>
/// <remarks>Tools that keep the time of writing (<c>touch -r</c>, <c>rsync --times --inplace</c>) hide changed bytes from everything else.</remarks>
public static partial class ChangeTime
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint WantsChangeTime = 0x80; // STATX_CTIME
    private const int Length = 256; // of struct statx, the same on all machines
    private const int Seconds = 96;
    private const int Nanoseconds = 104;

    private static volatile bool s_isMissing = !OperatingSystem.IsLinux();

    /// <summary>A number that is another one after each change; 0: not known.</summary>
    /// <param name="path">A file; a link is followed.</param>
    public static long Of(string path)
    {
        if (s_isMissing)
        {
            return 0;
        }

        Span<byte> found = stackalloc byte[Length];
        try
        {
            if (Statx(CurrentFolder, path, 0, WantsChangeTime, found) != 0 || (MemoryMarshal.Read<uint>(found) & WantsChangeTime) == 0)
            {
                return 0;
            }
        }
        catch (EntryPointNotFoundException)
        {
            s_isMissing = true; // an old musl
            return 0;
        }

        var seconds = MemoryMarshal.Read<long>(found[Seconds..]);
        return unchecked((seconds * 1_000_000_000) + MemoryMarshal.Read<uint>(found[Nanoseconds..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> found);
}
