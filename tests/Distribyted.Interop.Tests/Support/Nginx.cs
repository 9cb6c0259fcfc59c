namespace Distribyted.Interop.Tests.Support;

/// <summary>nginx on loopback that serves one folder.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";
    private readonly RunningProgram _process;

    private Nginx(int port, RunningProgram process)
    {
        Root = $"http://127.0.0.1:{port}/";
        _process = process;
    }

    public string Root { get; }

    public static void Need()
    {
        Programs.Need(Program);
    }

    public static async Task<Nginx> StartAsync(TempFolder folder, string served, CancellationToken cancellationToken)
    {
        var port = Ports.Free();
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
              server { listen 127.0.0.1:{{port}}; root "{{served}}"; }
            }
            """,
            cancellationToken
        );
        var process = RunningProgram.Start(Program, ["-c", config, "-p", state]);
        var nginx = new Nginx(port, process);
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
