using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Distribyted.Dashboard.Browser.Tests.Support;

/// <summary>The daemon as its users run it: a process with a configuration file, ports and folders of this test.</summary>
internal sealed partial class Site : IAsyncDisposable
{
    public const string Owner = "anna";
    public const string Reader = "ben";
    public const string Password = "a long password";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50); // another process sends no signal

    private readonly TempFolder _folder = new();
    private readonly string _config;
    private readonly string _more;
    private RunningProgram? _process;

    private Site(string more)
    {
        _more = more;
        _config = Path.Combine(_folder.Path, "distribyted.yaml");
        var shared = Path.Combine(_folder.Path, "holidays");
        Directory.CreateDirectory(shared);
        File.WriteAllText(Path.Combine(shared, "letter.txt"), "Dear all");
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Owner}:{Password}"))
        );
    }

    /// <summary>A client that is signed in as the owner.</summary>
    public HttpClient Http { get; }

    public int WebPort { get; private set; }

    public int DavPort { get; private set; }

    public Uri Web => new($"http://127.0.0.1:{WebPort}/");

    public static async Task<Site> StartAsync(CancellationToken cancellationToken, string more = "")
    {
        var site = new Site(more);
        await site.StartProcessAsync(cancellationToken);
        return site;
    }

    /// <summary>Starts the process (again), and returns when it answers: on free ports the first time, and then on the same.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        File.WriteAllText(
            _config,
            $$"""
            http: {port: {{WebPort}}, ip: 127.0.0.1}
            webdav: {port: {{DavPort}}, ip: 127.0.0.1}
            auth:
              users:
                - {name: {{Owner}}, pass: "{{Password}}", rights: full}
                - {name: {{Reader}}, pass: "{{Password}}", rights: read}
            torrent:
              metadata_folder: {{Path.Combine(_folder.Path, "metadata")}}
              listen_port: 0
              bind_address: ['127.0.0.1']
              disable_dht: true
              disable_utp: true
              disable_lsd: true
              disable_upnp: true
            log: {path: {{Path.Combine(_folder.Path, "logs")}}, level: info, console: true}
            servers:
              - {name: holidays, path: {{Path.Combine(_folder.Path, "holidays")}}}
            {{_more}}
            """
        );
        _process = RunningProgram.Start("dotnet", [BuiltDaemon.Path(), "--config", _config], folder: _folder.Path);
        if (WebPort == 0)
        {
            DavPort = new Uri((await _process.WaitForOutputAsync(DavLine(), cancellationToken)).Groups["address"].Value).Port;
            WebPort = new Uri((await _process.WaitForOutputAsync(WebLine(), cancellationToken)).Groups["address"].Value).Port;
            Http.BaseAddress = Web;
        }

        using var tick = new PeriodicTimer(Look);
        while (true)
        {
            Assert.That(_process.HasExited, Is.False, () => _process.Output);
            try
            {
                using var answer = await Http.GetAsync(new Uri("health/live", UriKind.Relative), cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                await tick.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopProcessAsync(CancellationToken cancellationToken)
    {
        await _process!.StopAsync(cancellationToken);
    }

    /// <summary>Adds magnets, and waits for their metadata unless there is none to come.</summary>
    public async Task AddAsync(string route, string magnet, CancellationToken cancellationToken)
    {
        using var body = new StringContent($$"""{"sources": ["{{magnet}}"]}""", Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(new Uri($"api/v1/routes/{route}/torrents", UriKind.Relative), body, cancellationToken);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Lets the server drop what it keeps of a page, see <see cref="Visit.CircuitAsync"/>.</summary>
    public async Task DropPageAsync(string circuit, CancellationToken cancellationToken)
    {
        using var body = new MultipartFormDataContent { { new StringContent(circuit), "circuitId" } };
        using var answer = await Http.PostAsync(new Uri("_blazor/disconnect", UriKind.Relative), body, cancellationToken);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Waits until something is below <c>/fs</c>.</summary>
    public async Task WaitForFileAsync(string path, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Look);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, new Uri("fs/" + path, UriKind.Relative));
            using var answer = await Http.SendAsync(request, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Http.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex(@"Mount \(WebDAV\): (?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DavLine();

    [GeneratedRegex(@"Web: +(?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();
}
