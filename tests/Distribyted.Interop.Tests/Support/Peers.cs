using System.Globalization;
using System.Net;

namespace Distribyted.Interop.Tests.Support;

/// <summary>BitTorrent programs that we did not write, as seeders and as leechers; each a process on loopback that finds peers through
/// trackers only.</summary>
internal static class Peers
{
    private static readonly Dictionary<string, string> NoEnvironment = new(StringComparer.Ordinal);

    /// <param name="program">Which one.</param>
    /// <param name="torrent">A torrent file or magnet.</param>
    /// <param name="content">The folder of the content.</param>
    /// <param name="tracker">Where it announces.</param>
    /// <param name="folder">For its settings.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="encryption">The payload that it insists on behind an encryption handshake, <c>rc4</c>, <c>plaintext</c> or <c>both</c>;
    /// empty: as the program likes.</param>
    /// <param name="dials">A peer that libtorrent is to dial; empty: whom it finds.</param>
    public static Task<RunningProgram> StartAsync(
        string program,
        string torrent,
        string content,
        string tracker,
        TempFolder folder,
        CancellationToken cancellationToken,
        string encryption = "",
        string dials = ""
    )
    {
        return program switch
        {
            "libtorrent" or "libtorrent over utp" => LibtorrentAsync(
                torrent,
                content,
                cancellationToken,
                encryption,
                dials,
                overUtp: IsOverUtp(program)
            ),
            "transmission" or "transmission over utp" => TransmissionAsync(
                torrent,
                content,
                folder.Make("transmission-" + Path.GetRandomFileName()),
                cancellationToken,
                encryption,
                IsOverUtp(program)
            ),
            "aria2" => Aria2Async(torrent, content, tracker, cancellationToken, encryption),
            "qbittorrent" => QBittorrentAsync(
                torrent,
                content,
                folder.Make("qbittorrent-" + Path.GetRandomFileName()),
                cancellationToken,
                encryption
            ),
            _ => throw new ArgumentException(program, nameof(program)),
        };
    }

    public static void Need(string program)
    {
        switch (program)
        {
            case "libtorrent" or "libtorrent over utp":
                Programs.NeedLibtorrent();
                break;
            case "transmission" or "transmission over utp":
                Programs.Need("transmission-daemon", "transmission-remote");
                break;
            case "aria2":
                Programs.Need("aria2c");
                break;
            default:
                Programs.Need("qbittorrent-nox");
                break;
        }
    }

    /// <summary>Says "seeding" once it has everything.</summary>
    public static Task<RunningProgram> LibtorrentAsync(
        string torrent,
        string content,
        CancellationToken cancellationToken,
        string encryption = "",
        string dials = "",
        bool isLocal = false,
        bool overUtp = false
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_peer.py");
        return Task.FromResult(
            RunningProgram.Start(
                "/usr/bin/python3",
                [
                    script,
                    torrent,
                    content,
                    "127.0.0.1",
                    Text(Ports.Free()),
                    .. encryption.Length > 0 ? (string[])["--encryption", encryption] : [],
                    .. dials.Length > 0 ? (string[])["--dials", dials] : [],
                    .. isLocal ? (string[])["--lsd"] : [],
                    "--transport",
                    overUtp ? "utp" : "tcp",
                ]
            )
        );
    }

    /// <summary>A libtorrent that has the torrent file and wants no content: it tells its peers of one another.</summary>
    public static RunningProgram Introducer(string torrent, string folder, int port)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_peer.py");
        return RunningProgram.Start("/usr/bin/python3", [script, torrent, folder, "127.0.0.1", Text(port), "--introduces"]);
    }

    public static async Task<RunningProgram> TransmissionAsync(
        string torrent,
        string content,
        string home,
        CancellationToken cancellationToken,
        string encryption = "",
        bool hasUtp = false
    )
    {
        var rpc = Ports.Free();
        await File.WriteAllTextAsync(
            Path.Combine(home, "settings.json"),
            $$"""
            {
              "bind-address-ipv4": "127.0.0.1", "peer-port": {{Ports.Free()}}, "peer-port-random-on-start": false, "port-forwarding-enabled": false,
              "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": {{(hasUtp ? "true" : "false")}}, "encryption": {{(
                encryption.Length > 0 ? 2 : 0
            )}},
              "rpc-enabled": true, "rpc-bind-address": "127.0.0.1", "rpc-port": {{rpc}}, "rpc-authentication-required": false, "rpc-whitelist-enabled": false,
              "download-dir": "{{content}}", "incomplete-dir-enabled": false, "start-added-torrents": true, "ratio-limit-enabled": false
            }
            """,
            cancellationToken
        );
        var daemon = RunningProgram.Start("transmission-daemon", ["--foreground", "--config-dir", home, "--log-error"]);
        await Daemon.WaitForAsync(
            async () =>
            {
                await using var add = RunningProgram.Start(
                    "transmission-remote",
                    [$"127.0.0.1:{rpc}", "--add", torrent, "--download-dir", content, "--start", "--verify"]
                );
                await add.WaitForExitAsync(cancellationToken);
                return add.ExitCode == 0;
            },
            "transmission takes the torrent",
            cancellationToken
        );
        return daemon;
    }

    /// <summary>It speaks to UDP trackers only with its DHT, which would leave this machine: it announces by HTTP, whatever the torrent says.</summary>
    public static Task<RunningProgram> Aria2Async(
        string torrent,
        string content,
        string tracker,
        CancellationToken cancellationToken,
        string encryption = ""
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var port = Text(Ports.Free());
        return Task.FromResult(
            RunningProgram.Start(
                "aria2c",
                [
                    "--seed-ratio=0.0",
                    "--check-integrity=true",
                    "--enable-dht=false",
                    "--enable-dht6=false",
                    "--bt-enable-lpd=false",
                    "--enable-peer-exchange=false",
                    "--disable-ipv6=true",
                    "--interface=127.0.0.1",
                    $"--listen-port={port}",
                    $"--bt-tracker={tracker}",
                    $"--dir={content}",
                    "--file-allocation=none",
                    "--console-log-level=notice",
                    "--no-conf=true",
                    $"--bt-require-crypto={(encryption.Length > 0 ? "true" : "false")}",
                    $"--bt-min-crypto-level={(encryption == "rc4" ? "arc4" : "plain")}",
                    torrent,
                ]
            )
        );
    }

    public static async Task<RunningProgram> QBittorrentAsync(
        string torrent,
        string content,
        string home,
        CancellationToken cancellationToken,
        string encryption = ""
    )
    {
        var web = Ports.Free();
        var config = Directory.CreateDirectory(Path.Combine(home, "qBittorrent", "config"));
        await File.WriteAllTextAsync(
            Path.Combine(config.FullName, "qBittorrent.conf"),
            $"""
            [LegalNotice]
            Accepted=true

            [BitTorrent]
            Session\DHTEnabled=false
            Session\LSDEnabled=false
            Session\PeXEnabled=false
            Session\Port={Ports.Free()}
            Session\Interface=lo
            Session\InterfaceName=lo
            Session\InterfaceAddress=127.0.0.1
            Session\BTProtocol=TCP
            Session\MultiConnectionsPerIp=true
            Session\Encryption={(encryption.Length > 0 ? 1 : 0)}

            [Network]
            PortForwardingEnabled=false

            [Preferences]
            WebUI\Address=127.0.0.1
            WebUI\Port={web}
            WebUI\LocalHostAuth=false
            """,
            cancellationToken
        );
        var program = RunningProgram.Start(
            "qbittorrent-nox",
            [$"--profile={home}", $"--save-path={content}", "--add-paused=false", "--skip-dialog=true", torrent],
            NoEnvironment,
            home
        );
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{web}/api/v2/torrents/info"), cancellationToken);
                    var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                    return answer.StatusCode == HttpStatusCode.OK && text.Contains("UP\"", StringComparison.Ordinal);
                }
                catch (HttpRequestException)
                {
                    return program.HasExited;
                }
            },
            "qbittorrent seeds",
            cancellationToken
        );
        return program;
    }

    private static bool IsOverUtp(string program)
    {
        return program.EndsWith("utp", StringComparison.Ordinal);
    }

    private static string Text(int number)
    {
        return number.ToString(CultureInfo.InvariantCulture);
    }
}
