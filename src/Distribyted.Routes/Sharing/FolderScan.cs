using System.Text;

namespace Distribyted.Routes.Sharing;

/// <summary>Lists a shared folder in the order of its torrent: by path, joined by slashes, as bytes. That is the order of the Go program,
/// whose magnets must stay good. Hidden files count; links are not followed.</summary>
internal static class FolderScan
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false, // a torrent without them would be another torrent
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder in it may not be read.</exception>
    internal static IReadOnlyList<SharedFile> Scan(string folder)
    {
        var files = new DirectoryInfo(folder)
            .EnumerateFiles("*", Everything)
            .Select(file => new SharedFile(
                Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'),
                file.Length,
                file.LastWriteTimeUtc.Ticks,
                file.CreationTimeUtc.Ticks
            ))
            .ToArray();
        var keys = Array.ConvertAll(files, file => Encoding.UTF8.GetBytes(file.Path));
        Array.Sort(keys, files, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        return files;
    }
}
