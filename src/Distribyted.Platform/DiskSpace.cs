namespace Distribyted.Platform;

/// <summary>The disk that holds a folder.</summary>
public static class DiskSpace
{
    /// <summary>The disk. On Windows that is the drive: folders that other disks are mounted at are not asked for there.</summary>
    /// <exception cref="ArgumentException">The path is none.</exception>
    public static DriveInfo DriveOf(string folder)
    {
        var full = Path.GetFullPath(folder);
        return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : full);
    }

    /// <summary>Bytes that this user may still write to the disk of a folder; null: the system does not say.</summary>
    public static long? FreeAt(string folder)
    {
        try
        {
            return DriveOf(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
