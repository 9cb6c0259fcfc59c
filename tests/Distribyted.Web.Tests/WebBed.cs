using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Users;
using Distribyted.Routes;
using Distribyted.Testing;
using Distribyted.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Tests;

/// <summary>The web listener over the real library and engine, on a free port of loopback; no peers but those of the test.</summary>
internal sealed class WebBed : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly WebApplication _app;

    private WebBed(
        WebOptions options,
        IReadOnlyList<HttpUser> users,
        RouteOptions? routes,
        TimeProvider time,
        IFileSystem? tree,
        long maxUpload,
        IReadOnlyList<string> outgoingAllow,
        Action<BitTorrentOptions>? engineOptions,
        string? folder
    )
    {
        _folder = folder ?? Directory.CreateTempSubdirectory("distribyted-web-").FullName;
        _ownsFolder = folder is null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseListener(options.Listener)));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(time).AddSingleton<ILoggerFactory>(Log);
        var engine = new BitTorrentOptions
        {
            Discovery = { DisableDht = true },
            MetadataFolder = _folder,
            Cache = { Size = 64 << 20 },
            Transport =
            {
                ListenPort = 0,
                BindAddresses = [IPAddress.Loopback],
                DisableLsd = true,
                OutgoingAllow = outgoingAllow,
            },
        };
        engineOptions?.Invoke(engine);
        builder.Services.AddSingleton(engine);
        builder.Services.AddSingleton((routes ?? new RouteOptions()) with { MetadataFolder = _folder });
        builder.Services.AddBitTorrent().AddRoutes();
        builder.Services.AddSingleton<IFileSystem>(provider => tree ?? provider.GetRequiredService<RouteManager>().Tree);
        builder.Services.AddHttpAccess(new HttpAccessOptions { Users = users, MaxUpload = maxUpload });
        builder.Services.AddWeb(options);
        _app = builder.Build();
        _app.UseApiProblems();
        _app.UseCrossSiteGuard();
        _app.UseRouting();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapWeb();
    }

    public HttpClient Client { get; private set; } = new();

    public RecordingLog Log { get; } = new();

    public IServiceProvider Services => _app.Services;

    /// <summary>Metadata, cache and catalog.</summary>
    public string Folder => _folder;

    public RouteManager Library => _app.Services.GetRequiredService<RouteManager>();

    /// <summary>Requests that wait for metadata.</summary>
    public int Waiting => _app.Services.GetRequiredService<PendingAdds>().Requests;

    public static async Task<WebBed> StartAsync(
        CancellationToken cancellationToken,
        WebOptions? options = null,
        HttpUser? user = null,
        RouteOptions? routes = null,
        TimeProvider? time = null,
        IFileSystem? tree = null,
        long maxUpload = 32 << 20,
        IReadOnlyList<string>? outgoingAllow = null,
        Action<BitTorrentOptions>? engine = null,
        string? folder = null
    )
    {
        var bed = new WebBed(
            options ?? new WebOptions(),
            [user ?? HttpUser.Create("anna", "secret")],
            routes,
            time ?? TimeProvider.System,
            tree,
            maxUpload,
            outgoingAllow ?? [],
            engine,
            folder
        );
        await bed._app.StartAsync(cancellationToken);
        bed.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(bed._app.Urls.Single()) };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes("anna:secret"));
        bed.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        return bed;
    }

    public async Task<(int Status, string Text)> SendAsync(
        string method,
        string address,
        CancellationToken cancellationToken,
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request, cancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public Task<(int Status, string Text)> PostMagnetAsync(string route, string magnet, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = magnet });
        return SendAsync("POST", $"/api/routes/{route}/torrent", cancellationToken, new StringContent(body));
    }

    public async Task<(int Status, string Text)> PostTorrentAsync(string route, byte[] torrent, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(torrent);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
        return await SendAsync("POST", $"/api/routes/{route}/torrent", cancellationToken, body);
    }

    /// <summary>Waits for a torrent in any route: those of the configuration come in the background.</summary>
    public async Task WaitForTorrentAsync(CancellationToken cancellationToken)
    {
        await foreach (var library in Services.GetRequiredService<RouteManager>().WatchAsync(cancellationToken))
        {
            if (library.Routes.Any(r => r.Torrents.Count > 0))
            {
                return;
            }
        }
    }

    public async Task<JsonElement> GetAsync(string address, CancellationToken cancellationToken)
    {
        var (status, text) = await SendAsync("GET", address, cancellationToken);
        Assert.That(status, Is.EqualTo(200), text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>As SIGTERM does.</summary>
    public Task StopAsync()
    {
        return _app.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
