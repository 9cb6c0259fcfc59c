using System.Globalization;
using Distribyted.Http.Clients;

namespace Distribyted.Web.Connect;

/// <summary>How each program is connected, with the addresses of this server. Pure.</summary>
public static class Recipes
{
    private const string FilesPath = "api/v1/connect/";

    /// <summary>All recipes; empty: the mount is not served.</summary>
    /// <param name="addresses">Of this server.</param>
    /// <param name="user">Who signs in; null: no sign-in is asked for.</param>
    public static IReadOnlyList<Recipe> For(ServerAddresses addresses, string? user)
    {
        if (addresses.Mount is not { } mount)
        {
            return [];
        }

        var plain = addresses.WebDav.FirstOrDefault(static a => !a.IsEncrypted)?.Url ?? mount;
        var secure = addresses.WebDav.FirstOrDefault(static a => a.IsEncrypted)?.Url;
        return
        [
            Infuse(plain, user),
            Vlc(plain, user),
            Kodi(plain, user),
            Windows(plain, secure, user),
            Finder(plain, user),
            Rclone(plain, user),
            Davfs(plain, user),
            Ios(plain, user),
            NPlayer(plain, user),
            Mpv(addresses.Files, user),
        ];
    }

    private static Recipe Infuse(Uri mount, string? user)
    {
        return new Recipe(
            "infuse",
            ClientKind.Infuse,
            "Infuse",
            "iPhone, iPad, Apple TV, Mac",
            [
                new RecipeStep("Open Settings, then Add Files, then “via Network Share”, then Other."),
                new RecipeStep("Choose the protocol WebDAV" + (IsSecure(mount) ? " (HTTPS)." : " (HTTP).")),
                new RecipeStep("Enter the address.", mount.Host),
                new RecipeStep("Enter the port.", Port(mount)),
                new RecipeStep("Leave the path empty."),
                .. SignIn(user),
                new RecipeStep("Save, open the share and add a folder to your favourites."),
            ],
            ["Infuse plays while the film comes. It reads the beginning and the end of each film when it scans a folder."],
            []
        );
    }

    private static Recipe Vlc(Uri mount, string? user)
    {
        var scheme = IsSecure(mount) ? "davs" : "dav";
        return new Recipe(
            "vlc",
            ClientKind.Vlc,
            "VLC",
            "Windows, Mac, Linux, Android, iPhone, iPad, TV",
            [
                new RecipeStep("On a phone or TV: open Browse or Network, then add a server, and choose WebDAV."),
                new RecipeStep("Enter the address.", mount.Host),
                new RecipeStep("Enter the port.", Port(mount)),
                .. SignIn(user),
                new RecipeStep(
                    "On a computer: open Media, then Open Network Stream, and enter this address."
                        + (user is null ? "" : " VLC asks for the password."),
                    $"{scheme}://{mount.Authority}/"
                ),
            ],
            ["VLC 3 on a computer opens single files only. Take the playlist of a folder from the page Files there."],
            []
        );
    }

    private static Recipe Kodi(Uri mount, string? user)
    {
        return new Recipe(
            "kodi",
            ClientKind.Kodi,
            "Kodi",
            "TV boxes, computers, Android",
            [
                new RecipeStep("Open Videos, then Files, then Add videos, then Browse, then Add network location."),
                new RecipeStep(
                    IsSecure(mount) ? "Choose the protocol WebDAV server (HTTPS)." : "Choose the protocol WebDAV server (HTTP)."
                ),
                new RecipeStep("Enter the server address.", mount.Host),
                new RecipeStep("Leave the remote path empty."),
                new RecipeStep("Enter the port.", Port(mount)),
                .. SignIn(user),
                new RecipeStep("Choose OK, then the new entry in the list, then OK again."),
            ],
            ["When Kodi asks what the folder contains, “None” leaves the films alone; a scan reads a little of each film."],
            []
        );
    }

    private static Recipe Windows(Uri plain, Uri? secure, string? user)
    {
        var mount = secure ?? plain;
        var share = IsSecure(mount) ? $@"\\{mount.Host}@SSL@{Port(mount)}\DavWWWRoot" : $@"\\{mount.Host}@{Port(mount)}\DavWWWRoot";
        return new Recipe(
            "windows",
            ClientKind.WindowsExplorer,
            "Windows Explorer",
            "Windows",
            [
                new RecipeStep("Download the .reg file below and open it. It lets Windows sign in over http and take files of up to 4 GB."),
                new RecipeStep(
                    "Start the service WebClient again, in a window “Run as administrator”.",
                    "net stop webclient & sc config webclient start=auto & net start webclient"
                ),
                new RecipeStep(
                    "Connect the drive: this line in a window of its own, or “Map network drive” in Explorer with the same address.",
                    user is null ? $"net use * {share}" : $"net use * {share} /user:{Quoted(user)} *"
                ),
                .. user is null ? Array.Empty<RecipeStep>() : [new RecipeStep("Enter your password when it asks.")],
            ],
            [
                "Windows copies a whole file before it opens it, and nothing above 4 GB. To play films, use the rclone recipe or a player with WebDAV of its own.",
                .. secure is null
                    ? Array.Empty<string>()
                    :
                    [
                        "Windows connects over https only to certificates that it trusts. If it refuses, install the certificate, or use the http address.",
                    ],
            ],
            [new RecipeFile(ConnectFiles.WindowsRegistryName, FilesPath + ConnectFiles.WindowsRegistryName)]
        );
    }

    private static Recipe Finder(Uri mount, string? user)
    {
        return new Recipe(
            "finder",
            ClientKind.Finder,
            "Finder",
            "Mac",
            [
                new RecipeStep("In Finder open Go, then Connect to Server (Command-K)."),
                new RecipeStep("Enter the address and choose Connect.", mount.AbsoluteUri),
                .. SignIn(user),
            ],
            ["Finder downloads a whole file in the background as soon as it is opened. For films take Infuse, VLC, or the rclone recipe."],
            []
        );
    }

    private static Recipe Rclone(Uri mount, string? user)
    {
        return new Recipe(
            "rclone",
            ClientKind.Rclone,
            "rclone",
            "Windows, Mac, Linux; under Plex, Jellyfin and Emby",
            [
                new RecipeStep(
                    "Download rclone.conf below, and put its lines into your own. This shows where that is.",
                    "rclone config file"
                ),
                .. user is null
                    ? Array.Empty<RecipeStep>()
                    :
                    [
                        new RecipeStep(
                            "Add your password; rclone keeps it obscured.",
                            "rclone config password distribyted pass YOUR_PASSWORD"
                        ),
                    ],
                new RecipeStep("Try it.", "rclone lsd distribyted:"),
                new RecipeStep(
                    "Mount it on Linux or a Mac.",
                    "rclone mount distribyted: ~/distribyted --read-only --dir-cache-time 30s --vfs-cache-mode off"
                ),
                new RecipeStep("Or on Windows, with WinFsp installed.", "rclone mount distribyted: X: --read-only --dir-cache-time 30s"),
            ],
            ["For Plex, Jellyfin and Emby turn off thumbnails, intro detection and deep analysis: they read whole films."],
            [new RecipeFile(ConnectFiles.RcloneName, FilesPath + ConnectFiles.RcloneName)]
        );
    }

    private static Recipe Davfs(Uri mount, string? user)
    {
        return new Recipe(
            "davfs2",
            ClientKind.Davfs2,
            "davfs2",
            "Linux",
            [
                new RecipeStep("Install it.", "sudo apt install davfs2"),
                new RecipeStep(
                    "Mount it.",
                    $"sudo mkdir -p /mnt/distribyted && sudo mount -t davfs -o ro {mount.AbsoluteUri} /mnt/distribyted"
                ),
                .. SignIn(user),
            ],
            ["davfs2 downloads a whole file before the first byte is read. For films take the rclone recipe."],
            []
        );
    }

    private static Recipe Ios(Uri mount, string? user)
    {
        return new Recipe(
            "ios-files",
            ClientKind.Ios,
            "iOS Files",
            "iPhone, iPad",
            [
                new RecipeStep(
                    "The app Files does not speak WebDAV itself. Install an app that adds WebDAV to it, such as Owlfiles or Documents."
                ),
                new RecipeStep("In that app add a connection of the kind WebDAV with this address.", mount.AbsoluteUri),
                .. SignIn(user),
                new RecipeStep("Open Files, then Browse, then the three dots, then Edit, and turn the app on."),
            ],
            ["Files copies a file whole before it plays it. To play films at once take Infuse, VLC or nPlayer."],
            []
        );
    }

    private static Recipe NPlayer(Uri mount, string? user)
    {
        return new Recipe(
            "nplayer",
            ClientKind.NPlayer,
            "nPlayer",
            "iPhone, iPad, Android",
            [
                new RecipeStep("Open Network, then the plus sign, then WebDAV."),
                new RecipeStep("Enter the host.", mount.Host),
                new RecipeStep("Enter the port.", Port(mount)),
                new RecipeStep("Leave the path empty." + (IsSecure(mount) ? " Turn HTTPS on." : "")),
                .. SignIn(user),
            ],
            [],
            []
        );
    }

    private static Recipe Mpv(Uri files, string? user)
    {
        var address = user is null
            ? files.AbsoluteUri
            : $"{files.Scheme}://{Uri.EscapeDataString(user)}:YOUR_PASSWORD@{files.Authority}{files.AbsolutePath}";
        return new Recipe(
            "mpv",
            ClientKind.Mpv,
            "mpv",
            "Windows, Mac, Linux",
            [
                new RecipeStep("On the page Files open the film and copy its address."),
                new RecipeStep("Play it; the address of the film stands behind the last slash.", $"mpv \"{address}FOLDER/FILM\""),
            ],
            user is null
                ? []
                : ["mpv does not ask for a password: it has to stand in the address. Other users of the same machine may see it there."],
            []
        );
    }

    private static IReadOnlyList<RecipeStep> SignIn(string? user)
    {
        return user is null ? [] : [new RecipeStep("Enter your user name.", user), new RecipeStep("Enter your password.")];
    }

    private static bool IsSecure(Uri mount)
    {
        return mount.Scheme == Uri.UriSchemeHttps;
    }

    private static string Port(Uri mount)
    {
        return mount.Port.ToString(CultureInfo.InvariantCulture);
    }

    private static string Quoted(string user)
    {
        return user.Contains(' ', StringComparison.Ordinal) ? $"\"{user}\"" : user;
    }
}
