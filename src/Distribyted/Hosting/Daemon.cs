using Distribyted.Archives;
using Distribyted.BitTorrent;
using Distribyted.Configuration;
using Distribyted.Dashboard;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Authentication;
using Distribyted.Http.Clients;
using Distribyted.Http.Listeners;
using Distribyted.Http.Proxies;
using Distribyted.Http.Transport;
using Distribyted.Logging;
using Distribyted.Platform;
using Distribyted.Routes;
using Distribyted.Telemetry;
using Distribyted.Tls;
using Distribyted.Web;
using Distribyted.Web.Api;
using Distribyted.Web.Logs;
using Distribyted.WebDav;
using Distribyted.WebDav.Requests;
using Microsoft.AspNetCore.Connections;
using Serilog;

namespace Distribyted.Hosting;

/// <summary>The whole program in one object: folders locked, projects wired, listeners open. <c>run</c> and <c>selftest</c> start the same one.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(4); // SIGTERM to exit within 5 s

    private static readonly TimeSpan FirstRequests = TimeSpan.FromMilliseconds(250); // players and mounts that wait for the start

    private readonly WebApplication _app;
    private readonly Configured _configured;
    private readonly DataFolders _folders;
    private readonly Credentials? _credentials;
    private readonly Listeners _listeners;
    private readonly LogFile? _log;
    private readonly CancellationTokenSource _stop = new();
    private Task _banner = Task.CompletedTask;

    private Daemon(
        WebApplication app,
        Configured configured,
        DataFolders folders,
        Credentials? credentials,
        Listeners listeners,
        LogFile? log
    )
    {
        _app = app;
        _configured = configured;
        _folders = folders;
        _credentials = credentials;
        _listeners = listeners;
        _log = log;
    }

    /// <summary>Port of the web listener, once started; null: there is none.</summary>
    public int? WebPort => _listeners.Port(_configured.Settings.Web.Listener, isTls: false);

    /// <summary>Port of the WebDAV listener, once started; null: there is none.</summary>
    public int? WebDavPort => _listeners.Port(_configured.Settings.WebDav.Listener, isTls: false);

    /// <summary>Port of the web listener over TLS, once started; null: there is none.</summary>
    public int? WebTlsPort => _listeners.Port(_configured.Settings.Web.Listener, isTls: true);

    /// <summary>Port of the WebDAV listener over TLS, once started; null: there is none.</summary>
    public int? WebDavTlsPort => _listeners.Port(_configured.Settings.WebDav.Listener, isTls: true);

    /// <summary>All services, for tests and commands.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Locks the folders and wires the projects; nothing listens yet.</summary>
    /// <exception cref="StartupException">A folder or port cannot be had, or another daemon has it.</exception>
    public static Daemon Build(Configured configured)
    {
        var settings = configured.Settings;
        settings.Routes.MetadataFolder = settings.Engine.MetadataFolder;
        settings.Engine.Discovery.OtherLists = [.. settings.Routes.Servers.Select(static server => server.TrackerUrl).OfType<string>()];
        settings.Access.Sessions.File = Path.Combine(settings.Engine.MetadataFolder, "sessions");
        settings.WebDav.SpoolFolder = DataFolders.Uploads(settings);
        settings.Archives.IndexFolder = DataFolders.Archives(settings);
        settings.Archives.SpoolFolder = DataFolders.Spools(settings);
        var folders = DataFolders.Open(settings);
        try
        {
            var credentials = configured.GeneratedFor is { } name ? Credentials.Load(settings, name) : null;
            settings.Access.Users = credentials is null ? configured.Users : [credentials.User];
            var certificate = settings.HasTls ? OpenCertificate(settings) : null;
            Listeners listeners = new(
                [(settings.WebListener, settings.Web.Listener), (settings.WebDavListener, settings.WebDav.Listener)],
                certificate
            );
            listeners.Try();
            settings.Access.AllowedHosts = [.. settings.Access.AllowedHosts, .. settings.Tls.Names]; // both are names of this machine
            settings.Access.TlsPort = listener => listeners.Port(listener, isTls: true);
            var log = settings.Log.Folder.Length > 0 ? new LogFile(settings.Log, TimeProvider.System) : null;
            return new Daemon(Wire(configured, listeners, credentials, log), configured, folders, credentials, listeners, log);
        }
        catch
        {
            folders.Dispose();
            throw;
        }
    }

    /// <summary>Opens everything.</summary>
    /// <exception cref="StartupException">A port cannot be had; the message names its key.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var logger = _app.Services.GetRequiredService<ILogger<Daemon>>();
        Banner.Begin(logger, _configured, _folders);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (_listeners.Explain(exception) is { } message)
        {
            throw new StartupException(message, exception);
        }
        catch (IOException exception) when (exception.Message.StartsWith("torrent.", StringComparison.Ordinal))
        {
            throw new StartupException(exception.Message, exception); // the engine names the key itself
        }

        _banner = Background.Run("list of addresses", logger, ShowAsync);

        // To look the addresses of this machine up takes 10 ms of CPU time from the first requests.
        async Task ShowAsync()
        {
            await Task.Delay(FirstRequests, TimeProvider.System, _stop.Token);
            Banner.Write(logger, _configured, _listeners, _credentials);
        }
    }

    /// <summary>Waits for SIGTERM, SIGINT or the service manager, and stops.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        return _app.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>The next line goes to the file that has the log's name then.</summary>
    public void ReopenLog()
    {
        _log?.Reopen();
    }

    /// <summary>Drains open requests, leaves swarms, sends `stopped` to trackers, closes the catalog.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _banner;
        await _app.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _stop.Dispose();
        _log?.Dispose();
        _folders.Dispose();
    }

    private static ServerCertificate OpenCertificate(Settings settings)
    {
        try
        {
            return ServerCertificate.Open(settings.Tls, settings.Engine.MetadataFolder, TimeProvider.System);
        }
        catch (CertificateException exception)
        {
            throw new StartupException(exception.Message, exception);
        }
    }

    // Only an empty builder reads no ports from elsewhere: the others open what ASPNETCORE_HTTP_PORTS or a Kestrel section says.
    private static WebApplication Wire(Configured configured, Listeners listeners, Credentials? credentials, LogFile? log)
    {
        var settings = configured.Settings;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Distribyted" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(listeners.Listen);

        var feed = new LogFeed();
        builder.Services.AddSerilog(LogFiles.Create(settings.Log, feed, log), dispose: true);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = StopBudget;
            host.ServicesStopConcurrently = false;
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore; // logged; a report that fails ends no film
        });
        builder.Services.AddSystemd().AddWindowsService();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(feed).AddSingleton<OpenRequests>();
        builder.Services.AddSingleton(settings.Engine).AddSingleton(settings.Routes);
        builder.Services.AddBitTorrent().AddRoutes();
        builder.Services.AddSingleton<IDiskBudget>(FolderBudget.Of(settings.Engine.MetadataFolder));
        builder.Services.AddSingleton<ISettingsReport>(new SettingsReport(configured));
        builder.Services.AddSingleton<IServedPorts>(listeners);
        var spools = FolderBudget.Of(DataFolders.DiskOfSpools(settings));
        builder.Services.AddSingleton(settings.Archives);
        builder.Services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<ArchiveTree>(provider, new SpoolBudget(provider.GetRequiredService<TorrentSession>(), spools))
        );
        builder.Services.AddSingleton<IFileSystem>(provider =>
            provider.GetRequiredService<ArchiveTree>().Over(provider.GetRequiredService<RouteManager>().Tree)
        );
        builder.Services.AddHttpAccess(settings.Access).AddWebDav(settings.WebDav).AddWeb(settings.Web).AddDashboard();
        builder
            .Services.AddHostedService<TorrentReport>()
            .AddHostedService<WarmUp>()
            .AddSingleton(Rehearsal.Step(settings.Engine.MetadataFolder));
        var connections = OpenFiles.ForListeners(settings.Engine.Swarm.MaxConnections);
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ConnectionGate>(provider, connections));
        builder.Services.AddSingleton<IConnectionListenerFactory, GuardedListeners>(); // the last one is asked first
        if (listeners.Certificate is { } certificate)
        {
            builder.Services.AddSingleton(certificate).AddHostedService<CertificateWatch>();
        }

        var app = builder.Build();
        Pipeline(app, credentials);
        return app;
    }

    private static void Pipeline(WebApplication app, Credentials? credentials)
    {
        var requests = app.Services.GetRequiredService<OpenRequests>();
        var clients = app.Services.GetRequiredService<RecentRequests>();
        var logger = app.Services.GetRequiredService<ILogger<Daemon>>();
        app.Lifetime.ApplicationStopping.Register(logger.Stopping);
        app.Lifetime.ApplicationStopping.Register(requests.Drain);
        app.UseNonAsciiHeads();
        app.Use(requests.TrackAsync);

        // First, and terminal: else GET / of the mount would show the page of the web listener.
        app.MapWhen(
            context => context.Listener().Name == WebDavOptions.ListenerName,
            dav =>
            {
                dav.UseTrustedProxies(isPrefixTaken: false);
                dav.Use(clients.TrackAsync);
                dav.UseSignIn();
                UseFirstPassword(dav, credentials);
                dav.UseWebDav();
            }
        );
        app.UseTrustedProxies(isPrefixTaken: true);
        app.UseBasePath(app.Services.GetRequiredService<WebOptions>().BasePath);
        app.UseWhen(IsOfPlayers, files => files.Use(clients.TrackAsync));
        app.UseSecurityHeaders();
        app.UseApiProblems();
        app.UseCrossSiteGuard();
        app.UseRouting();
        app.UseAuthentication();
        UseFirstPassword(app, credentials);
        app.UseAuthorization();
        app.MapDashboard();
        app.MapWeb();
    }

    // Files, and mounts that were pointed at the wrong port.
    private static bool IsOfPlayers(HttpContext context)
    {
        return context.Request.Path.StartsWithSegments("/fs", StringComparison.Ordinal)
            || context.Request.Method is "PROPFIND" or "OPTIONS";
    }

    // A generated password is printed until a client has signed in with it.
    private static void UseFirstPassword(IApplicationBuilder app, Credentials? credentials)
    {
        if (credentials is null)
        {
            return;
        }

        app.Use(
            (context, next) =>
            {
                if (
                    !credentials.WasUsed
                    && (context.Request.Headers.Authorization.Count > 0 || BrowserSignIn.IsUsed(context))
                    && context.User.Identity is { IsAuthenticated: true }
                )
                {
                    credentials.MarkUsed();
                }

                return next(context);
            }
        );
    }
}
