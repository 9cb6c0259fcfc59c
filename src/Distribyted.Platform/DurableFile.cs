using System.Runtime.InteropServices;

namespace Distribyted.Platform;

/// <summary>Replaces files as a whole, so that a power cut or a kill at any moment leaves the old content or the new one, never a part.</summary>
/// <remarks>Temporary file beside it, fsync, rename, and fsync of the folder: without the last one the rename itself may be lost.</remarks>
public static partial class DurableFile
{
    private const string TemporaryEnding = ".new";
    private const int ReadOnly = 0;

    /// <summary>Replaces a file, or creates it. Its folder must exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the new content.</param>
    /// <param name="isPrivate">Whether only the user of this process may read it (mode 0600); else the umask decides. Nothing changes on Windows.</param>
    /// <exception cref="IOException">The old file is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The old file is still there.</exception>
    public static void Replace(string path, Action<Stream> write, bool isPrivate = false)
    {
        var temporary = path + TemporaryEnding;
        try
        {
            using (var stream = Create(temporary, isPrivate))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            Move(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The same for content that is written asynchronously.</summary>
    /// <exception cref="IOException">The old file is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The old file is still there.</exception>
    public static async Task ReplaceAsync(string path, Func<Stream, Task> write, bool isPrivate = false)
    {
        var temporary = path + TemporaryEnding;
        try
        {
            await using (var stream = Create(temporary, isPrivate))
            {
                await write(stream);
                await stream.FlushAsync();
                stream.Flush(flushToDisk: true);
            }

            Move(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Renames a file whose content is on disk, replacing what has the name, and makes that durable.</summary>
    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Makes renames in a folder survive a power cut (fsync of the folder). Best effort; nothing to do on Windows.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    private static FileStream Create(string path, bool isPrivate)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (isPrivate)
        {
            File.Delete(path); // a file that is left over would keep its mode
            options.Mode = FileMode.CreateNew;
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
        }

        return new FileStream(path, options);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
