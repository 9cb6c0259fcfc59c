namespace Distribyted.Routes.Catalog;

/// <summary>Who added a route or torrent. What a file or folder names comes and goes with it; the others stay until a client removes them.</summary>
internal static class Origins
{
    internal const string Api = "api";
    internal const string Mount = "mount";
    internal const string File = "file";
    internal const string Folder = "folder";

    /// <summary>Whether it goes when the configuration or watched folder no longer names it.</summary>
    internal static bool ComesFromSource(string origin)
    {
        return origin is File or Folder;
    }
}
