using System.Globalization;
using Distribyted.Configuration;

namespace Distribyted.Hosting;

/// <summary>The folders that the daemon writes to, and the lock that keeps a second daemon out of them.</summary>
internal sealed class DataFolders : IDisposable
{
    private const string LockName = "lock";
    private const string PidName = "pid"; // beside it: a locked file cannot be read by the process that is refused

    private readonly FileStream _lock;
    private readonly string _pidFile;

    private DataFolders(FileStream held, string pidFile, IReadOnlyList<string> warnings)
    {
        _lock = held;
        _pidFile = pidFile;
        Warnings = warnings;
    }

    /// <summary>What other users of the machine can read or write, for the owner.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Makes the folders, takes the lock, and makes private what is in them.</summary>
    /// <exception cref="StartupException">A folder cannot be had, or another daemon has it.</exception>
    public static DataFolders Open(Settings settings)
    {
        var metadata = settings.Engine.MetadataFolder;
        Make(metadata, "torrent.metadata_folder");
        if (settings.Engine.Cache.Folder.Length > 0)
        {
            Make(settings.Engine.Cache.Folder, "torrent.cache_folder");
        }

        if (settings.Log.Folder.Length > 0)
        {
            Make(settings.Log.Folder, "log.path");
        }

        var pidFile = Path.Combine(metadata, PidName);
        var held = Lock(Path.Combine(metadata, LockName), pidFile, metadata);
        RemoveLeft(Uploads(settings));
        RemoveLeft(Spools(settings));
        File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DataFolders(held, pidFile, PrivateData.Protect(settings));
    }

    /// <summary>Where long uploads wait: beside what they become part of, and not in the system's temporary folder, which may be missing, small or in memory.</summary>
    public static string Uploads(Settings settings)
    {
        return Path.Combine(settings.Engine.MetadataFolder, "uploads");
    }

    /// <summary>Where the lists of what is in archives are kept.</summary>
    public static string Archives(Settings settings)
    {
        return Path.Combine(settings.Engine.MetadataFolder, "archives");
    }

    /// <summary>Where packed entries of archives are decompressed: on the disk of the piece cache.</summary>
    public static string Spools(Settings settings)
    {
        return Path.Combine(DiskOfSpools(settings), "spools");
    }

    /// <summary>A folder that is always there, on the disk of <see cref="Spools"/>.</summary>
    public static string DiskOfSpools(Settings settings)
    {
        var cache = settings.Engine.Cache.Folder;
        return cache.Length > 0 ? cache : settings.Engine.MetadataFolder;
    }

    public void Dispose()
    {
        File.Delete(_pidFile);
        _lock.Dispose();
    }

    private static FileStream Lock(string path, string pidFile, string folder)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException($"torrent.metadata_folder: {folder} cannot be written: {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            var pid = File.Exists(pidFile) ? $" (process {File.ReadAllText(pidFile).Trim()})" : "";
            throw new StartupException(
                $"torrent.metadata_folder: another distribyted{pid} is using {folder}. Stop it, or choose another folder.",
                exception
            );
        }
    }

    // Of a process that was killed.
    private static void RemoveLeft(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Of another user, say. Long uploads and packed archives will say so; all else works.
        }
    }

    private static void Make(string folder, string key)
    {
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"{key}: the folder {folder} cannot be made: {exception.Message}", exception);
        }

        TryToWrite(folder, key);
    }

    // A log folder that cannot be written would go unnoticed otherwise; a cache folder would be noticed only when the first film is read.
    private static void TryToWrite(string folder, string key)
    {
        var path = Path.Combine(folder, $".try-{Environment.ProcessId}");
        try
        {
            new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{key}: nothing can be written to the folder {folder}: {exception.Message}", exception);
        }
    }
}
