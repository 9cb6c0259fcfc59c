namespace Distribyted.Http.Clients;

/// <summary>Programs that users connect with, as far as they say who they are.</summary>
public enum ClientKind
{
    /// <summary>Any other program.</summary>
    Other,

    /// <summary>Infuse.</summary>
    Infuse,

    /// <summary>VLC, on any system.</summary>
    Vlc,

    /// <summary>Kodi, and XBMC before it.</summary>
    Kodi,

    /// <summary>Windows' own network drive.</summary>
    WindowsExplorer,

    /// <summary>The mount of macOS.</summary>
    Finder,

    /// <summary>rclone.</summary>
    Rclone,

    /// <summary>davfs2.</summary>
    Davfs2,

    /// <summary>Apps of iPhone and iPad that use the system's own HTTP client and do not say more.</summary>
    Ios,

    /// <summary>nPlayer.</summary>
    NPlayer,

    /// <summary>mpv, ffmpeg and what is built on them.</summary>
    Mpv,

    /// <summary>A web browser.</summary>
    Browser,
}
