namespace Distribyted.Routes.Sources;

/// <summary>Which disks a folder is made of: the mount that it lies on and those below it. A mount point whose disk is missing is a folder like any
/// other, only without its files; its extent is another one. The same after a restart, whatever number the system gives the disk.</summary>
internal static class FolderExtent
{
    /// <param name="folder">An existing folder.</param>
    /// <param name="unreadable">Folders below it that may not be read.</param>
    internal static string Of(string folder, IEnumerable<string> unreadable)
    {
        try
        {
            var real = Resolve(Path.GetFullPath(folder));
            var mounts = DriveInfo.GetDrives().Select(drive => Path.TrimEndingDirectorySeparator(drive.Name)).ToList();
            var on = mounts.Where(mount => IsIn(real, mount)).MaxBy(mount => mount.Length) ?? "";
            var below = mounts.Where(mount => mount.Length > real.Length && IsIn(mount, real));
            var format = on.Length == 0 ? "" : new DriveInfo(on).DriveFormat;
            return string.Join(
                '\n',
                below.Concat(unreadable).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Prepend($"{on} {format}")
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return ""; // a system that does not say
        }
    }

    private static bool IsIn(string path, string folder)
    {
        return path.StartsWith(folder, StringComparison.Ordinal)
            && (
                path.Length == folder.Length || Path.EndsInDirectorySeparator(folder) || path[folder.Length] == Path.DirectorySeparatorChar
            );
    }

    /// <summary>The path without links: the mount is that of where they lead.</summary>
    private static string Resolve(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var name in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            real = Directory.ResolveLinkTarget(real, returnFinalTarget: true)?.FullName ?? real;
        }

        return real;
    }
}
