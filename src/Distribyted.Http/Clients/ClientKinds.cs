namespace Distribyted.Http.Clients;

/// <summary>Which program a User-Agent header names.</summary>
public static class ClientKinds
{
    // In this order: players name the system's client behind their own name, and everything calls itself Mozilla.
    private static readonly (string Part, ClientKind Kind)[] Parts =
    [
        ("Infuse", ClientKind.Infuse),
        ("nPlayer", ClientKind.NPlayer),
        ("VLC", ClientKind.Vlc),
        ("Kodi", ClientKind.Kodi),
        ("XBMC", ClientKind.Kodi),
        ("MiniRedir", ClientKind.WindowsExplorer),
        ("DavClnt", ClientKind.WindowsExplorer),
        ("WebDAVFS", ClientKind.Finder),
        ("rclone", ClientKind.Rclone),
        ("davfs2", ClientKind.Davfs2),
        ("mpv", ClientKind.Mpv),
        ("Lavf", ClientKind.Mpv),
        ("CFNetwork", ClientKind.Ios),
        ("AppleCoreMedia", ClientKind.Ios),
        ("Mozilla", ClientKind.Browser),
    ];

    /// <summary>The program; <see cref="ClientKind.Other"/> if none is known. Never allocates.</summary>
    public static ClientKind Of(ReadOnlySpan<char> userAgent)
    {
        foreach (var (part, kind) in Parts)
        {
            if (userAgent.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return ClientKind.Other;
    }
}
