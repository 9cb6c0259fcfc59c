using System.Text;

namespace Distribyted.Web.Connect;

/// <summary>The files that help to connect a program. No password is in any of them.</summary>
public static class ConnectFiles
{
    /// <summary>Name of <see cref="WindowsRegistry"/>.</summary>
    public const string WindowsRegistryName = "distribyted-webdav.reg";

    /// <summary>Name of <see cref="RcloneConfiguration"/>.</summary>
    public const string RcloneName = "rclone.conf";

    /// <summary>Lets Windows send passwords over http and copy files above 50 MB (KB 841215, KB 900900). To be opened with regedit.</summary>
    public static string WindowsRegistry { get; } =
        string.Join(
            "\r\n",
            "Windows Registry Editor Version 5.00",
            "",
            "; Lets the network drives of Windows (service WebClient) sign in over http, and copy files of up to 4 GB instead of 50 MB.",
            "; The password then goes through the network unencrypted unless the address begins with https.",
            @"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WebClient\Parameters]",
            "\"BasicAuthLevel\"=dword:00000002",
            "\"FileSizeLimitInBytes\"=dword:ffffffff",
            ""
        );

    /// <summary>A section of <c>rclone.conf</c>.</summary>
    /// <param name="mount">The WebDAV address.</param>
    /// <param name="user">Who signs in; null: no sign-in is asked for.</param>
    public static string RcloneConfiguration(Uri mount, string? user)
    {
        var text = new StringBuilder("[distribyted]\ntype = webdav\n")
            .Append("url = ")
            .Append(mount.AbsoluteUri)
            .Append("\nvendor = other\n");
        if (user is not null)
        {
            text.Append("user = ").Append(user).Append('\n');
        }

        return text.ToString();
    }
}
