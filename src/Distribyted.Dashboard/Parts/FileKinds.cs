using Distribyted.FileSystem;
using Distribyted.Http.Files;
using MudBlazor;

namespace Distribyted.Dashboard.Parts;

/// <summary>What a file is, by its name, and whether browsers play it.</summary>
internal static class FileKinds
{
    // What the large browsers take. Others are tried all the same: some browsers play some of them.
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "video/mp4",
        "video/webm",
        "video/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/aac",
        "audio/flac",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
    };

    private static readonly HashSet<string> Pictures = new(StringComparer.Ordinal)
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
    };

    public static bool IsVideo(string name)
    {
        return ContentTypes.Of(name).StartsWith("video/", StringComparison.Ordinal);
    }

    public static bool IsAudio(string name)
    {
        return ContentTypes.Of(name) is var type && type.StartsWith("audio/", StringComparison.Ordinal) && !IsPlaylist(type);
    }

    public static bool IsPicture(string name)
    {
        return Pictures.Contains(ContentTypes.Of(name));
    }

    /// <summary>Whether most browsers play it.</summary>
    public static bool IsKnownToBrowsers(string name)
    {
        return Known.Contains(ContentTypes.Of(name));
    }

    public static string Icon(FileEntry entry)
    {
        return entry.IsDirectory
            ? IsArchive(entry.Name)
                ? Icons.Material.Outlined.FolderZip
                : Icons.Material.Outlined.Folder
            : IsVideo(entry.Name)
                ? Icons.Material.Outlined.Movie
                : IsAudio(entry.Name)
                    ? Icons.Material.Outlined.MusicNote
                    : IsPicture(entry.Name)
                        ? Icons.Material.Outlined.Image
                        : Icons.Material.Outlined.InsertDriveFile;
    }

    /// <summary>What stands where files have their size.</summary>
    public static string FolderText(string name)
    {
        return IsArchive(name) ? "archive, opened" : "folder";
    }

    // A folder beside an archive is named after it, with an exclamation mark; one that stands instead of it has its name.
    private static bool IsArchive(string folder)
    {
        return folder.EndsWith('!')
            || ContentTypes.Of(folder)
                is "application/zip"
                    or "application/vnd.rar"
                    or "application/x-7z-compressed"
                    or "application/x-tar"
                    or "application/x-iso9660-image";
    }

    private static bool IsPlaylist(string type)
    {
        return type is "audio/x-mpegurl" or "audio/x-scpls";
    }
}
