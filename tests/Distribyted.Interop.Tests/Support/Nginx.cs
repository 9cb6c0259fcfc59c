namespace Distribyted.Interop.Tests.Support;

/// <summary>nginx on loopback that serves one folder.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";
    private readonly RunningProgram _process;

    private Nginx(int port, int tlsPort, RunningProgram process)
    {
        Root = $"http://127.0.0.1:{port}/";
        TlsRoot = $"https://127.0.0.1:{tlsPort}/";
        _process = process;
    }

    public string Root { get; }

    /// <summary>The same files over HTTPS, when it was started with a certificate.</summary>
    public string TlsRoot { get; }

    public static void Need()
    {
        Programs.Need(Program);
    }

    /// <param name="folder">For its files.</param>
    /// <param name="served">The folder that it serves.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    /// <param name="certificate">A file with a certificate and its key; empty: no HTTPS.</param>
    public static async Task<Nginx> StartAsync(
        TempFolder folder,
        string served,
        CancellationToken cancellationToken,
        string certificate = ""
    )
    {
        var (port, tlsPort) = (Ports.Free(), Ports.Free());
        var tls =
            certificate.Length > 0
                ? $"listen 127.0.0.1:{tlsPort} ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate};"
                : "";
        var state = folder.Make("nginx");
        var config = Path.Combine(state, "nginx.conf");
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var temporary = string.Concat(
            ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"{kind}_temp_path {state}/{kind}; ")
        );
        await File.WriteAllTextAsync(
            config,
            $$"""
            daemon off;
            master_process off;
            {{user}}
            pid {{state}}/pid;
            error_log stderr;
            events {}
            http {
              access_log {{state}}/access.log;
              {{temporary}}
              server { listen 127.0.0.1:{{port}}; {{tls}} root "{{served}}"; }
            }
            """,
            cancellationToken
        );
        var process = RunningProgram.Start(Program, ["-c", config, "-p", state]);
        var nginx = new Nginx(port, tlsPort, process);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                Assert.That(process.HasExited, Is.False, process.Output);
                try
                {
                    using var answer = await http.GetAsync(new Uri(nginx.Root), cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "nginx answers",
            cancellationToken
        );
        return nginx;
    }

    public ValueTask DisposeAsync()
    {
        return _process.DisposeAsync();
    }
}
