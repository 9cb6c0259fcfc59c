namespace Distribyted.Interop.Tests.Support;

/// <summary>The configuration file of a daemon under test: listeners on loopback, one user.</summary>
internal static class DaemonConfig
{
    public const string Password = "interop-secret";

    /// <param name="metadata">Where it keeps what it knows.</param>
    /// <param name="peers">Port for peers.</param>
    /// <param name="torrent">Further lines of the section <c>torrent:</c>.</param>
    /// <param name="web">Port of pages and API.</param>
    /// <param name="dav">Port of WebDAV.</param>
    /// <param name="logs">Folder of log files; empty: none, all is printed.</param>
    /// <param name="more">Further sections.</param>
    /// <param name="http">Further lines of the section <c>http:</c>, indented by two.</param>
    public static string Text(
        string metadata,
        int peers,
        string torrent,
        int web = 4444,
        int dav = 36911,
        string logs = "",
        string more = "",
        string http = ""
    )
    {
        var lines = torrent.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return $"""
            http:
              port: {web}
              ip: 127.0.0.1
            {http}
            webdav:
              port: {dav}
              ip: 127.0.0.1
              user: admin
              pass: {Password}
            torrent:
              metadata_folder: {metadata}
              listen_port: {peers}
            {string.Concat(lines.Select(static line => $"  {line}\n"))}
            log:
              path: "{logs}"
              level: debug
              console: true
            {more}
            """;
    }
}
