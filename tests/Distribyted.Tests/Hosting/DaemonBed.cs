using System.Net.Http.Headers;
using System.Text;
using Distribyted.Configuration;
using Distribyted.Hosting;

namespace Distribyted.Tests.Hosting;

/// <summary>The real daemon in this process: free ports on loopback, folders of its own.</summary>
internal sealed class DaemonBed : IAsyncDisposable
{
    private readonly bool _ownsFolder;
    private Daemon? _daemon;

    private DaemonBed(string folder, bool ownsFolder)
    {
        Folder = folder;
        _ownsFolder = ownsFolder;
    }

    public string Folder { get; }

    public Daemon Daemon => _daemon!;

    public Uri Web => new($"http://127.0.0.1:{Daemon.WebPort}/");

    public Uri Dav => new($"http://127.0.0.1:{Daemon.WebDavPort}/");

    public Uri WebTls => new($"https://localhost:{Daemon.WebTlsPort}/");

    public Uri DavTls => new($"https://localhost:{Daemon.WebDavTlsPort}/");

    public string MetadataFolder => Path.Combine(Folder, "metadata");

    /// <summary>A client that is signed in as the user of <see cref="StartAsync"/>.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false });

    /// <param name="more">YAML: lines of <c>torrent:</c>, indented by two, then further sections.</param>
    /// <param name="webdav">The section.</param>
    /// <param name="folder">Folder of a former daemon; null: a new one.</param>
    /// <param name="http">The section.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public static async Task<DaemonBed> StartAsync(
        string more = "",
        string webdav = "{port: 0, ip: 127.0.0.1, user: anna, pass: a long one}",
        string? folder = null,
        string http = "{port: 0, ip: 127.0.0.1}",
        CancellationToken cancellationToken = default
    )
    {
        var bed = new DaemonBed(folder ?? Directory.CreateTempSubdirectory("distribyted-test-").FullName, folder is null);
        try
        {
            bed._daemon = Daemon.Build(Configure(bed.Folder, more, webdav, http));
            await bed._daemon.StartAsync(cancellationToken);
            bed.SignIn("anna", "a long one");
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    public static Configured Configure(string folder, string more, string webdav, string http)
    {
        string[] quiet = ["bind_address: 127.0.0.1", "disable_lsd: true", "disable_upnp: true", "disable_dht: true"];
        var defaults = string.Join(
            '\n',
            quiet.Where(line => !more.Contains(line.Split(':')[0], StringComparison.Ordinal)).Select(static line => "  " + line)
        );
        var yaml = $$"""
            http: {{http}}
            webdav: {{webdav}}
            log: {path: {{Path.Combine(folder, "logs")}}, console: false, level: debug}
            torrent:
              metadata_folder: {{Path.Combine(folder, "metadata")}}
              listen_port: 0
            {{defaults}}
            {{more}}
            """;
        var configured = ConfigurationReader.ReadText("distribyted.yaml", Encoding.UTF8.GetBytes(yaml));
        Assert.That(configured.Report.ToString(), Is.Empty);
        return configured;
    }

    public void SignIn(string user, string password)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public async Task<int> StatusAsync(string method, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Add("Depth", "1");
        using var response = await Client.SendAsync(request, cancellationToken);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_daemon is not null)
        {
            await _daemon.StopAsync(CancellationToken.None);
            await _daemon.DisposeAsync();
        }

        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
