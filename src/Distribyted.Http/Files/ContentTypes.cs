using System.Collections.Frozen;
using Microsoft.AspNetCore.StaticFiles;

namespace Distribyted.Http.Files;

/// <summary>Content types by extension. Content is never looked at: that would wake a torrent for a listing.</summary>
public static class ContentTypes
{
    /// <summary>What everything else is.</summary>
    public const string Unknown = "application/octet-stream";

    // What players ask for and ASP.NET Core's table lacks, or names in a way that players do not take.
    private static readonly FrozenDictionary<string, string> Table = Build(
        new(StringComparer.OrdinalIgnoreCase)
        {
            // Video. .ts is a transport stream here, never TypeScript.
            [".mkv"] = "video/x-matroska",
            [".mk3d"] = "video/x-matroska",
            [".mp4"] = "video/mp4",
            [".m4v"] = "video/mp4",
            [".ts"] = "video/mp2t",
            [".tts"] = "video/mp2t",
            [".m2t"] = "video/mp2t",
            [".m2ts"] = "video/mp2t",
            [".mts"] = "video/mp2t",
            [".avi"] = "video/x-msvideo",
            [".divx"] = "video/x-msvideo",
            [".mov"] = "video/quicktime",
            [".webm"] = "video/webm",
            [".flv"] = "video/x-flv",
            [".f4v"] = "video/mp4",
            [".mpg"] = "video/mpeg",
            [".mpeg"] = "video/mpeg",
            [".m2v"] = "video/mpeg",
            [".vob"] = "video/mpeg",
            [".evo"] = "video/mpeg",
            [".wmv"] = "video/x-ms-wmv",
            [".rmvb"] = "application/vnd.rn-realmedia-vbr",
            [".rm"] = "application/vnd.rn-realmedia",
            [".ogv"] = "video/ogg",
            [".ogm"] = "video/ogg",
            [".3gp"] = "video/3gpp",
            [".3g2"] = "video/3gpp2",
            [".mpv"] = "video/mpv",
            [".hevc"] = "video/h265",
            [".h264"] = "video/h264",
            [".iso"] = "application/x-iso9660-image",
            // Audio.
            [".mp3"] = "audio/mpeg",
            [".flac"] = "audio/flac",
            [".m4a"] = "audio/mp4",
            [".m4b"] = "audio/mp4",
            [".aac"] = "audio/aac",
            [".ac3"] = "audio/ac3",
            [".eac3"] = "audio/eac3",
            [".dts"] = "audio/vnd.dts",
            [".dtshd"] = "audio/vnd.dts.hd",
            [".mka"] = "audio/x-matroska",
            [".ogg"] = "audio/ogg",
            [".oga"] = "audio/ogg",
            [".opus"] = "audio/ogg",
            [".wav"] = "audio/wav",
            [".wma"] = "audio/x-ms-wma",
            [".ape"] = "audio/x-ape",
            [".wv"] = "audio/x-wavpack",
            [".tta"] = "audio/x-tta",
            [".tak"] = "audio/x-tak",
            [".dsf"] = "audio/x-dsf",
            [".dff"] = "audio/x-dff",
            [".aif"] = "audio/aiff",
            [".aiff"] = "audio/aiff",
            [".mid"] = "audio/midi",
            [".weba"] = "audio/webm",
            // Subtitles and playlists.
            [".srt"] = "application/x-subrip",
            [".ass"] = "text/x-ssa",
            [".ssa"] = "text/x-ssa",
            [".vtt"] = "text/vtt",
            [".sub"] = "text/plain",
            [".idx"] = "text/plain",
            [".smi"] = "application/x-sami",
            [".sami"] = "application/x-sami",
            [".sup"] = Unknown,
            [".ttml"] = "application/ttml+xml",
            [".mks"] = "video/x-matroska",
            [".m3u"] = "audio/x-mpegurl",
            [".m3u8"] = "application/vnd.apple.mpegurl",
            [".pls"] = "audio/x-scpls",
            [".cue"] = "text/plain",
            // Text that ought to open in a browser.
            [".nfo"] = "text/plain",
            [".log"] = "text/plain",
            [".md"] = "text/plain",
            [".md5"] = "text/plain",
            [".sfv"] = "text/plain",
            [".sha1"] = "text/plain",
            [".sha256"] = "text/plain",
            [".diz"] = "text/plain",
            // Pictures, books.
            [".jfif"] = "image/jpeg",
            [".avif"] = "image/avif",
            [".webp"] = "image/webp",
            [".heic"] = "image/heic",
            [".jxl"] = "image/jxl",
            [".epub"] = "application/epub+zip",
            [".mobi"] = "application/x-mobipocket-ebook",
            [".azw3"] = "application/vnd.amazon.mobi8-ebook",
            [".cbz"] = "application/vnd.comicbook+zip",
            [".cbr"] = "application/vnd.comicbook-rar",
            [".djvu"] = "image/vnd.djvu",
            // Packages.
            [".rar"] = "application/vnd.rar",
            [".7z"] = "application/x-7z-compressed",
            [".zip"] = "application/zip",
            [".tar"] = "application/x-tar",
            [".gz"] = "application/gzip",
            [".xz"] = "application/x-xz",
            [".bz2"] = "application/x-bzip2",
            [".zst"] = "application/zstd",
            [".apk"] = "application/vnd.android.package-archive",
            [".dmg"] = "application/x-apple-diskimage",
            [".torrent"] = "application/x-bittorrent",
            [".magnet"] = "text/plain",
            [".url"] = "text/plain",
        }
    );

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Table.GetAlternateLookup<
        ReadOnlySpan<char>
    >();

    /// <summary>The type of a file of this name; <see cref="Unknown"/> if there is none. Never allocates.</summary>
    public static string Of(ReadOnlySpan<char> name)
    {
        var dot = name.LastIndexOf('.');
        return dot >= 0 && Lookup.TryGetValue(name[dot..], out var type) ? type : Unknown;
    }

    private static FrozenDictionary<string, string> Build(Dictionary<string, string> table)
    {
        foreach (var (extension, type) in new FileExtensionContentTypeProvider().Mappings)
        {
            table.TryAdd(extension, type);
        }

        return table.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
