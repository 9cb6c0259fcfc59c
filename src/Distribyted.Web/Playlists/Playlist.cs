using System.Globalization;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;

namespace Distribyted.Web.Playlists;

/// <summary>What can be played of a folder as an M3U with whole addresses. Only names are looked at: making one downloads nothing.</summary>
public static class Playlist
{
    /// <summary>Its content type.</summary>
    public const string ContentType = "audio/x-mpegurl; charset=utf-8";

    private const int MostFiles = 10_000;

    private static readonly StringComparer ByNumber = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);

    /// <summary>The playlist of a file, or of a folder and all below it: names in order, with 2 before 10. At most 10,000 files.</summary>
    /// <param name="files">The tree, as the user may see it.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="entry">What stands there.</param>
    /// <param name="address">What stands before the tree: scheme, host and prefix, without a trailing slash.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FileSystemException">A folder cannot be read.</exception>
    public static async Task<string> OfAsync(
        IFileSystem files,
        VirtualPath path,
        FileEntry entry,
        string address,
        CancellationToken cancellationToken
    )
    {
        var text = new StringBuilder("#EXTM3U\n#EXTENC:UTF-8\n");
        var left = MostFiles;
        if (!entry.IsDirectory)
        {
            Add(text, path, address);
            return text.ToString();
        }

        var open = new Stack<VirtualPath>();
        open.Push(path);
        while (left > 0 && open.TryPop(out var folder))
        {
            if (await files.ListAsync(folder, cancellationToken) is not { } listing)
            {
                continue; // removed meanwhile
            }

            var entries = Enumerable.Range(0, listing.Count).Select(i => listing[i]).OrderBy(static e => e.Name, ByNumber).ToArray();
            foreach (var file in entries.Where(static e => !e.IsDirectory && CanBePlayed(e.Name)).Take(left))
            {
                Add(text, folder.Append(file.Name), address);
                left--;
            }

            foreach (var inner in entries.Where(static e => e.IsDirectory).Reverse())
            {
                open.Push(folder.Append(inner.Name));
            }
        }

        return text.ToString();
    }

    /// <summary>Whether it is a film or music, by its name.</summary>
    public static bool CanBePlayed(string name)
    {
        var type = ContentTypes.Of(name);
        return type.StartsWith("video/", StringComparison.Ordinal)
            || (type.StartsWith("audio/", StringComparison.Ordinal) && type is not ("audio/x-mpegurl" or "audio/x-scpls"));
    }

    private static void Add(StringBuilder text, VirtualPath file, string address)
    {
        // A line is a title: names keep every character but line ends, which the tree has none of.
        text.Append("#EXTINF:-1,").Append(file.Name).Append('\n').Append(Href.Of(file, isDirectory: false, address)).Append('\n');
    }
}
