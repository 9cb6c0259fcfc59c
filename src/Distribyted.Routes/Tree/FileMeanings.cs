namespace Distribyted.Routes.Tree;

/// <summary>Decides from a name why a file is put into a route.</summary>
internal static class FileMeanings
{
    private static readonly string[] LinkEndings = [".magnet", ".url", ".txt"];

    private static readonly string[] DesktopNames =
    [
        ".DS_Store",
        "desktop.ini",
        "Thumbs.db",
        "ehthumbs.db",
        ".directory",
        ".hidden",
        ".apdisk",
        ".metadata_never_index",
        ".metadata_never_index_unless_rootfs",
        ".localized",
        "Icon\r",
    ];

    // Finder, LibreOffice, the desktop trash, Office, Spotlight, macOS, NFS
    private static readonly string[] DesktopStarts =
    [
        "._",
        ".~lock",
        ".Trash",
        "~$",
        ".Spotlight-",
        ".fseventsd",
        ".TemporaryItems",
        ".nfs",
    ];

    // KDE, rclone, browsers, WinSCP, editors
    private static readonly string[] TemporaryEndings =
    [
        ".part",
        ".partial",
        ".tmp",
        ".temp",
        ".crdownload",
        ".download",
        ".filepart",
        ".upload",
        ".swp",
        "~",
    ];

    internal static FileMeaning Of(string name)
    {
        if (DesktopNames.Contains(name, StringComparer.OrdinalIgnoreCase) || StartsWithAny(name, DesktopStarts))
        {
            return FileMeaning.DesktopFile;
        }

        if (name.EndsWith(".torrent", StringComparison.OrdinalIgnoreCase))
        {
            return FileMeaning.Torrent;
        }

        if (EndsWithAny(name, LinkEndings))
        {
            return FileMeaning.Link;
        }

        return
            name[0] == '.' // gvfs: .goutputstream-XXXXXX
            || EndsWithAny(name, TemporaryEndings)
            || name.Contains(".torrent", StringComparison.OrdinalIgnoreCase) // Cyberduck: x.torrent-<uuid>
            || name.Contains(".magnet", StringComparison.OrdinalIgnoreCase)
            ? FileMeaning.Temporary
            : FileMeaning.Nothing;
    }

    private static bool StartsWithAny(string name, string[] starts)
    {
        return Array.Exists(starts, s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase));
    }

    private static bool EndsWithAny(string name, string[] endings)
    {
        return Array.Exists(endings, s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase));
    }
}
