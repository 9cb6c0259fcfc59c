using System.Text;
using Distribyted.Platform;
using Distribyted.Routes.Watching;

namespace Distribyted.Routes.Sharing;

/// <summary>A look at a shared folder: its files in the order of its torrent, by path, joined by slashes, as bytes. So did the Go
/// version of Distribyted, whose magnets must stay good. Hidden files count; links are not followed.</summary>
/// <param name="Files">What can be offered.</param>
/// <param name="LeftOut">What is there and cannot be offered.</param>
internal sealed record FolderScan(IReadOnlyList<SharedFile> Files, IReadOnlyList<FolderWalk.Unreadable> LeftOut)
{
    private const int MaxDepth = 64; // as torrents are read

    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder itself may not be read.</exception>
    internal static FolderScan Of(string folder)
    {
        var walk = FolderWalk.Of(folder);
        var files = new List<SharedFile>(walk.Files.Count);
        var leftOut = new List<FolderWalk.Unreadable>(walk.NotRead);
        foreach (var item in walk.Files.Where(f => !f.IsLink))
        {
            var path = Path.GetRelativePath(folder, item.Path).Replace(Path.DirectorySeparatorChar, '/');
            if (WhyNot(path) is { } reason)
            {
                leftOut.Add(new FolderWalk.Unreadable(item.Path, reason));
            }
            else if (new FileInfo(item.Path) is { Exists: true } file)
            {
                files.Add(
                    new SharedFile(path, file.Length, file.LastWriteTimeUtc.Ticks, file.CreationTimeUtc.Ticks, ChangeTime.Of(item.Path))
                );
            }
        }

        var sorted = files.ToArray();
        var keys = Array.ConvertAll(sorted, file => Encoding.UTF8.GetBytes(file.Path));
        Array.Sort(keys, sorted, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        return new FolderScan(sorted, leftOut);
    }

    /// <summary>Why a file cannot be in a torrent under this name and be found again by it; null if it can.</summary>
    private static string? WhyNot(string path)
    {
        var names = path.Split('/');
        return path.Any(char.IsControl) ? "there are control characters in its name"
            : names.Length > MaxDepth ? $"it lies deeper than {MaxDepth} folders"
            : names[^1].StartsWith("_____padding_file_", StringComparison.Ordinal) || (names.Length > 1 && names[0] is ".pad")
                ? "torrents use that name for padding, which is not sent"
            : null;
    }
}
