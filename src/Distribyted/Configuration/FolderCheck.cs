namespace Distribyted.Configuration;

/// <summary>Whether shared folders lie apart from each other and from the folders of the daemon.</summary>
internal sealed class FolderCheck(Settings settings, GivenKeys given, ConfigurationReport report)
{
    public void Run()
    {
        var metadata = Full(settings.Engine.MetadataFolder);
        var servers = settings.Routes.Servers.Where(s => s.Path.Length > 0).ToArray();
        for (var i = 0; i < servers.Length; i++)
        {
            var path = Full(servers[i].Path);
            if (IsInside(path, metadata))
            {
                report.Wrong(
                    given.At("servers"),
                    $"servers[{i}].path",
                    "it is inside torrent.metadata_folder, whose passwords would be shared. Use another folder."
                );
            }

            if (settings.Engine.Cache.Folder.Length > 0 && IsInside(Full(settings.Engine.Cache.Folder), path))
            {
                report.Wrong(
                    given.At("torrent.cache_folder"),
                    "torrent.cache_folder",
                    $"it is inside the shared folder {servers[i].Path}. Use another folder."
                );
            }

            if (IsInside(metadata, path))
            {
                report.Wrong(
                    given.At("servers"),
                    $"servers[{i}].path",
                    "torrent.metadata_folder is inside it, so its passwords would be shared. Use another folder."
                );
            }

            if (servers.Take(i).Any(s => IsInside(path, Full(s.Path)) || IsInside(Full(s.Path), path)))
            {
                report.Wrong(
                    given.At("servers"),
                    $"servers[{i}].path",
                    "it and the path of another server are inside one another. Use separate folders."
                );
            }
        }
    }

    private static string Full(string path)
    {
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private static bool IsInside(string inner, string outer)
    {
        return inner.StartsWith(outer, StringComparison.Ordinal);
    }
}
