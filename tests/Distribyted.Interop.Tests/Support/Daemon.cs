using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Distribyted.Interop.Tests.Support;

/// <summary>The daemon as its users run it: a process of its own with a configuration file, ports and folders of this test.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static readonly XNamespace Dav = "DAV:";

    private readonly TempFolder _folder;
    private readonly string _config;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private RunningProgram? _process;

    private Daemon(TempFolder folder, string config, IReadOnlyDictionary<string, string>? environment, int web, int dav, int peers)
    {
        _folder = folder;
        _environment = environment;
        _config = config;
        WebPort = web;
        DavPort = dav;
        PeerPort = peers;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 64 })
        {
            Timeout = TimeSpan.FromMinutes(2),
        };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + DaemonConfig.Password))
        );
    }

    public HttpClient Http { get; }

    public int WebPort { get; }

    public int DavPort { get; }

    public int PeerPort { get; }

    public string User => "admin";

    public string Secret => DaemonConfig.Password;

    public int ProcessId => _process!.Id;

    public string Output => _process?.Output ?? "";

    public string MetadataFolder => _folder.At("metadata");

    public string CacheFolder => _folder.At("metadata", "pieces");

    public Uri DavRoot => new($"http://127.0.0.1:{DavPort}/");

    public Uri WebRoot => new($"http://127.0.0.1:{WebPort}/");

    /// <summary>For programs that take the password in the address.</summary>
    public string SignedDavRoot => $"http://{User}:{Secret}@127.0.0.1:{DavPort}/";

    /// <summary>Starts a daemon; <paramref name="torrent"/> are further lines of the <c>torrent:</c> section, <paramref name="more"/> is put at the end,
    /// <paramref name="bind"/> is the only address that peers see, <paramref name="http"/> are further lines of the <c>http:</c> section, indented by two.</summary>
    public static async Task<Daemon> StartAsync(
        TempFolder folder,
        CancellationToken cancellationToken,
        string torrent = "",
        string more = "",
        bool dht = false,
        string bind = "127.0.0.1",
        IReadOnlyDictionary<string, string>? environment = null,
        string http = ""
    )
    {
        var (web, dav, peers) = (Ports.Free(), Ports.Free(), Ports.Free());
        var config = folder.At("distribyted.yaml");
        var section = $"""
            bind_address: ['{bind}']
            disable_dht: {(dht ? "false" : "true")}
            disable_utp: {(torrent.Contains("disable_tcp", StringComparison.Ordinal) ? "false" : "true")}
            {(torrent.Contains("disable_lsd", StringComparison.Ordinal) ? "" : "disable_lsd: true")}
            disable_upnp: true
            {torrent}
            """;
        await File.WriteAllTextAsync(
            config,
            DaemonConfig.Text(folder.At("metadata"), peers, section, web, dav, folder.At("logs"), more, http),
            cancellationToken
        );
        var daemon = new Daemon(folder, config, environment, web, dav, peers);
        await daemon.StartAsync(cancellationToken);
        return daemon;
    }

    /// <summary>Starts the process (again) and waits until both listeners answer.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = RunningProgram.Start("dotnet", [BuiltDaemon.Path(), "--config", _config], _environment, folder: _folder.Path);
        await WaitForAsync(
            async () =>
            {
                if (_process.HasExited)
                {
                    Assert.Fail($"The daemon ended ({_process.ExitCode}):\n{_process.Output}");
                }

                try
                {
                    using var health = await Http.GetAsync(new Uri(WebRoot, "health"), cancellationToken);
                    using var options = new HttpRequestMessage(HttpMethod.Options, DavRoot);
                    using var root = await Http.SendAsync(options, cancellationToken);
                    return health.IsSuccessStatusCode && (int)root.StatusCode < 500;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the listeners to open",
            cancellationToken
        );
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGTERM; returns how long it took to end.</summary>
    public Task<TimeSpan> StopAsync(CancellationToken cancellationToken)
    {
        return _process!.StopAsync(cancellationToken);
    }

    public async Task AddAsync(string route, string magnet, CancellationToken cancellationToken)
    {
        using var body = new StringContent(
            JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = magnet }),
            Encoding.UTF8,
            "application/json"
        );
        using var response = await Http.PostAsync(new Uri(WebRoot, $"api/routes/{route}/torrent"), body, cancellationToken);
        Assert.That(
            (int)response.StatusCode,
            Is.LessThan(300),
            await response.Content.ReadAsStringAsync(cancellationToken) + "\n" + Output
        );
    }

    /// <summary>Copies a file into the mount.</summary>
    public async Task PutAsync(string path, string file, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(await File.ReadAllBytesAsync(file, cancellationToken));
        using var response = await Http.PutAsync(new Uri(DavRoot, Escape(path)), body, cancellationToken);
        Assert.That(response.IsSuccessStatusCode, Is.True, $"PUT {path}: {(int)response.StatusCode}");
    }

    public async Task<JsonElement> RoutesAsync(CancellationToken cancellationToken)
    {
        var text = await Http.GetStringAsync(new Uri(WebRoot, "api/routes"), cancellationToken);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Waits until a shared folder is hashed; what its owner would give to others.</summary>
    public async Task<(string Link, string InfoHash)> MagnetOfServerAsync(string name, CancellationToken cancellationToken)
    {
        var link = "";
        await WaitForAsync(
            async () =>
            {
                using var servers = JsonDocument.Parse(await Http.GetStringAsync(new Uri(WebRoot, "api/servers"), cancellationToken));
                var server = servers.RootElement.EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);
                link = server.GetProperty("magnetUri").GetString()!;
                return link.Length > 0;
            },
            $"{name} is hashed",
            cancellationToken
        );
        const string Hash = "urn:btih:";
        return (link, link.Substring(link.IndexOf(Hash, StringComparison.Ordinal) + Hash.Length, 40));
    }

    /// <summary>Paths and lengths of all files below a folder of the mount.</summary>
    public async Task<Dictionary<string, long>> ListAsync(string path, CancellationToken cancellationToken)
    {
        Dictionary<string, long> files = new(StringComparer.Ordinal);
        Queue<string> folders = new([path.EndsWith('/') ? path : path + "/"]);
        while (folders.TryDequeue(out var folder))
        {
            using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(DavRoot, folder));
            request.Headers.Add("Depth", "1");
            using var response = await Http.SendAsync(request, cancellationToken);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MultiStatus), folder);
            var document = XDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            foreach (var item in document.Root!.Elements(Dav + "response").Skip(1))
            {
                var href = item.Element(Dav + "href")!.Value;
                if (item.Descendants(Dav + "collection").Any())
                {
                    folders.Enqueue(href);
                }
                else
                {
                    files[Uri.UnescapeDataString(href)] = long.Parse(
                        item.Descendants(Dav + "getcontentlength").Single().Value,
                        System.Globalization.CultureInfo.InvariantCulture
                    );
                }
            }
        }

        return files;
    }

    public async Task<byte[]> ReadAsync(string path, long? from, long? to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(DavRoot, Escape(path)));
        if (from is not null)
        {
            request.Headers.Range = new RangeHeaderValue(from, to);
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.That(response.IsSuccessStatusCode, Is.True, $"GET {path}: {(int)response.StatusCode}");
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>Waits for a condition of another process, which sends no signal.</summary>
    public static async Task WaitForAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            try
            {
                await tick.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Waited in vain until {what}.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Http.Dispose();
    }

    private static string Escape(string path)
    {
        return string.Join('/', path.TrimStart('/').Split('/').Select(Uri.EscapeDataString));
    }
}
