using System.Runtime.InteropServices;

namespace Distribyted.Files;

/// <summary>Keeps what the daemon writes from other users of the machine: files 0600, folders 0700. Nothing happens on Windows, where folders inherit their rights.</summary>
internal static partial class FileModes
{
    private const UnixFileMode OthersRead =
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>From now on every file and folder that this process makes is its user's alone (umask, POSIX.1).</summary>
    /// <remarks>The one place that also reaches files which libraries make: the catalog, its log, temporary files.</remarks>
    public static void MakeNewFilesPrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask((uint)(OthersRead | OthersWrite));
        }
    }

    /// <summary>Takes the rights of others away from files and folders that an earlier version, or another program, made readable.</summary>
    /// <returns>Paths that others can read still, because of their owner or their file system.</returns>
    public static IReadOnlyList<string> MakePrivate(IEnumerable<FileSystemInfo> entries)
    {
        return OperatingSystem.IsWindows()
            ? []
            : [.. entries.Where(e => e.LinkTarget is null && !TryMakePrivate(e)).Select(e => e.FullName)];
    }

    /// <summary>Whether others may put files into this folder, or replace those that are there.</summary>
    public static bool IsWritableByOthers(string folder)
    {
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & OthersWrite) != UnixFileMode.None;
    }

    private static bool TryMakePrivate(FileSystemInfo entry)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        try
        {
            if ((entry.UnixFileMode & (OthersRead | OthersWrite)) != UnixFileMode.None)
            {
                entry.UnixFileMode &= ~(OthersRead | OthersWrite);
                entry.Refresh(); // FAT and some network drives report success and change nothing
            }

            return !entry.Exists || (entry.UnixFileMode & (OthersRead | OthersWrite)) == UnixFileMode.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
