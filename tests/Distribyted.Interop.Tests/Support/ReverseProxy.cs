namespace Distribyted.Interop.Tests.Support;

/// <summary>nginx, Apache or caddy before both listeners of a daemon, on loopback.</summary>
internal sealed class ReverseProxy : IAsyncDisposable
{
    private readonly RunningProgram _process;

    private ReverseProxy(int web, int dav, string prefix, RunningProgram process)
    {
        Web = new Uri($"http://127.0.0.1:{web}{prefix}/");
        Dav = new Uri($"http://127.0.0.1:{dav}/");
        _process = process;
    }

    /// <summary>The web listener as clients see it.</summary>
    public Uri Web { get; }

    /// <summary>The WebDAV listener as clients see it.</summary>
    public Uri Dav { get; }

    /// <param name="program">nginx, apache2 or caddy; the test is ignored where it is not installed.</param>
    /// <param name="prefix">The path below which the web listener is served; empty: none.</param>
    /// <param name="isTakenOff">Whether requests arrive without that path, which then is in X-Forwarded-Prefix.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="daemon">What is behind it.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    public static async Task<ReverseProxy> StartAsync(
        string program,
        string prefix,
        bool isTakenOff,
        TempFolder folder,
        Daemon daemon,
        CancellationToken cancellationToken
    )
    {
        var path = program == "caddy" ? "/usr/bin/caddy" : $"/usr/sbin/{program}";
        Programs.Need(path);
        var (web, dav) = (Ports.Free(), Ports.Free());
        var state = folder.Make(program);
        var config = Path.Combine(state, "config");
        var text = program switch
        {
            "nginx" => OfNginx(state, web, dav, prefix, isTakenOff, daemon),
            "apache2" => OfApache(state, web, dav, prefix, isTakenOff, daemon),
            _ => OfCaddy(web, dav, prefix, isTakenOff, daemon),
        };
        await File.WriteAllTextAsync(config, text, cancellationToken);
        string[] arguments = program switch
        {
            "nginx" => ["-c", config, "-p", state],
            "apache2" => ["-f", config, "-X"],
            _ => ["run", "--adapter", "caddyfile", "--config", config],
        };
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = state };
        var proxy = new ReverseProxy(web, dav, prefix, RunningProgram.Start(path, arguments, environment, state));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                Assert.That(proxy._process.HasExited, Is.False, proxy._process.Output);
                try
                {
                    using var answer = await http.GetAsync(new Uri(proxy.Web, "health"), cancellationToken);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{program} answers",
            cancellationToken
        );
        return proxy;
    }

    public ValueTask DisposeAsync()
    {
        return _process.DisposeAsync();
    }

    private static string OfNginx(string state, int web, int dav, string prefix, bool isTakenOff, Daemon daemon)
    {
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var temporary = string.Concat(
            ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"{kind}_temp_path {state}/{kind}; ")
        );
        var named = isTakenOff ? $"proxy_set_header X-Forwarded-Prefix {prefix};" : "";
        const string Common = """
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_buffering off;
            proxy_request_buffering off;
            """;
        return $$"""
            daemon off;
            master_process off;
            {{user}}
            pid {{state}}/pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              {{temporary}}
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              server {
                listen 127.0.0.1:{{web}};
                location {{prefix}}/ {
                  proxy_pass http://127.0.0.1:{{daemon.WebPort}}{{(isTakenOff ? "/" : "")}};
                  {{Common}}
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  {{named}}
                }
              }
              server {
                listen 127.0.0.1:{{dav}};
                location / { proxy_pass http://127.0.0.1:{{daemon.DavPort}}; {{Common}} }
              }
            }
            """;
    }

    private static string OfApache(string state, int web, int dav, string prefix, bool isTakenOff, Daemon daemon)
    {
        const string Modules = "/usr/lib/apache2/modules/mod_";
        var modules = string.Join(
            '\n',
            ((string[])["mpm_event", "authz_core", "proxy", "proxy_http", "proxy_wstunnel", "headers"]).Select(name =>
                $"LoadModule {name}_module {Modules}{name}.so"
            )
        );
        var named = isTakenOff ? $"RequestHeader set X-Forwarded-Prefix {prefix}" : "";
        return $"""
            ServerName 127.0.0.1
            ServerRoot {state}
            PidFile {state}/pid
            DefaultRuntimeDir {state}
            ErrorLog {state}/errors
            {modules}
            Listen 127.0.0.1:{web}
            Listen 127.0.0.1:{dav}
            AllowEncodedSlashes NoDecode
            ProxyPreserveHost On
            ProxyTimeout 3600
            RequestHeader set X-Forwarded-Proto http
            <VirtualHost 127.0.0.1:{web}>
              AllowEncodedSlashes NoDecode
              {named}
              ProxyPass {prefix}/ http://127.0.0.1:{daemon.WebPort}{(isTakenOff ? "" : prefix)}/ nocanon upgrade=websocket flushpackets=on
            </VirtualHost>
            <VirtualHost 127.0.0.1:{dav}>
              AllowEncodedSlashes NoDecode
              ProxyPass / http://127.0.0.1:{daemon.DavPort}/ nocanon
            </VirtualHost>
            """;
    }

    private static string OfCaddy(int web, int dav, string prefix, bool isTakenOff, Daemon daemon)
    {
        var upstream = $"127.0.0.1:{daemon.WebPort}";
        var site = (prefix.Length, isTakenOff) switch
        {
            (0, _) => $"reverse_proxy {upstream}",
            (_, true) => $"handle_path {prefix}/* {{\n reverse_proxy {upstream} {{\n header_up X-Forwarded-Prefix {prefix}\n }}\n }}",
            _ => $"handle {prefix}/* {{\n reverse_proxy {upstream}\n }}",
        };
        return $$"""
            {
              admin off
              auto_https off
            }
            http://127.0.0.1:{{web}} {
              bind 127.0.0.1
              {{site}}
            }
            http://127.0.0.1:{{dav}} {
              bind 127.0.0.1
              reverse_proxy 127.0.0.1:{{daemon.DavPort}}
            }
            """;
    }
}
