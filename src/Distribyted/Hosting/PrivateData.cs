using Distribyted.Configuration;
using Distribyted.Files;

namespace Distribyted.Hosting;

/// <summary>What is in the data folders is the daemon's alone, also what a version wrote that left it readable: the catalog and metadata hold passkeys of
/// private trackers, logs hold names of files.</summary>
/// <remarks>The folders themselves may hold other things and keep their rights; entries that are not ours are not touched.</remarks>
internal static class PrivateData
{
    private static readonly string[] InMetadata =
    [
        "archives",
        "catalog*",
        "credentials*",
        "lock",
        "pid",
        "metainfo",
        "pieces",
        "shares",
        "spools",
        "tls",
        "uploads",
    ];
    private static readonly string[] InCache = ["slab-*", "journal*", "spools"];
    private static readonly string[] InLogs = ["distribyted*.log"];

    /// <summary>Makes it private.</summary>
    /// <returns>One text for each folder that others can read or write still.</returns>
    public static IReadOnlyList<string> Protect(Settings settings)
    {
        (string Key, string Folder, string[] Ours)[] folders =
        [
            ("torrent.metadata_folder", settings.Engine.MetadataFolder, InMetadata),
            ("torrent.cache_folder", settings.Engine.Cache.Folder, InCache),
            ("log.path", settings.Log.Folder, InLogs),
        ];
        return [.. folders.Where(f => f.Folder.Length > 0).SelectMany(f => Protect(f.Key, f.Folder, f.Ours))];
    }

    private static IEnumerable<string> Protect(string key, string folder, string[] ours)
    {
        var inside = new DirectoryInfo(folder);
        var open = FileModes.MakePrivate(ours.SelectMany(pattern => inside.EnumerateFileSystemInfos(pattern)));
        if (open.Count > 0)
        {
            yield return $"{key}: other users of this machine can read {open[0]}"
                + (open.Count > 1 ? $" and {open.Count - 1} more" : "")
                + ", and its mode cannot be changed. Make them this user's, or use a folder on another disk.";
        }

        if (FileModes.IsWritableByOthers(folder))
        {
            yield return $"{key}: other users of this machine can write to {folder}, and so replace what is in it. chmod go-w takes that away.";
        }
    }
}
