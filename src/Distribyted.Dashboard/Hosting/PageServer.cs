using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Distribyted.Dashboard.Assets;
using Distribyted.Dashboard.Live;
using Distribyted.Dashboard.Parts;
using Distribyted.Dashboard.Removal;
using Distribyted.Dashboard.Shell;
using Distribyted.Http;
using Distribyted.Http.Clients;
using Distribyted.Web.Api;
using Distribyted.Web.Api.V1;
using Distribyted.Web.Connect;
using Distribyted.Web.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MudBlazor.Services;

namespace Distribyted.Dashboard.Hosting;

/// <summary>Blazor in a container of its own, over the services of the application. Safe for use by many threads.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    // MudBlazor sets styles of elements. The connection of a page is a WebSocket to where the page came from.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    private readonly ServiceProvider _own;
    private readonly RequestDelegate _pipeline;

    /// <param name="application">The services of the application.</param>
    public PageServer(IServiceProvider application)
    {
        _own = Container(application);
        _pipeline = Pipeline(_own);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Host.HasValue)
        {
            context.Request.Host = new HostString("localhost"); // HTTP/1.0; a page has to know an address of its own
        }

        context.Response.Headers.ContentSecurityPolicy = Policy;
        var (outer, method) = (context.RequestServices, context.Request.Method);
        if (HttpMethods.IsHead(method))
        {
            context.Request.Method = HttpMethods.Get; // components answer GET only; the server leaves the body of an answer to HEAD out
        }

        await using var scope = _own.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        try
        {
            await _pipeline(context);
        }
        finally
        {
            context.RequestServices = outer;
            context.Request.Method = method;
        }
    }

    public ValueTask DisposeAsync()
    {
        return _own.DisposeAsync();
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "The published program keeps the assemblies of Blazor whole (TrimmerRootAssembly in the host's project file)."
    )]
    private static ServiceProvider Container(IServiceProvider application)
    {
        var own = new ServiceCollection();
        own.AddRouting();
        Share<ILoggerFactory>(own, application);
        Share<DiagnosticListener>(own, application);
        Share<IWebHostEnvironment>(own, application);
        Share<IHostEnvironment>(own, application);
        Share<IHostApplicationLifetime>(own, application);
        Share<IConfiguration>(own, application);
        Share<TimeProvider>(own, application);
        Share<InProcessApi>(own, application);
        Share<IUserFileSystem>(own, application);
        Share<AddressBook>(own, application);
        Share<SelfCheck>(own, application);
        Share<RecentRequests>(own, application);
        Share<LogFeed>(own, application);
        Share<WebOptions>(own, application);
        own.AddLogging();
        own.AddDataProtection().UseEphemeralDataProtectionProvider(); // what a page carries is of no use to the next run of the program
        own.AddAntiforgery(static antiforgery => antiforgery.SuppressXFrameOptionsHeader = true); // the application's headers say who may frame pages
        own.AddRazorComponents().AddInteractiveServerComponents();
        own.AddMudServices();
        var api = application.GetRequiredService<InProcessApi>();
        own.AddSingleton(
            new RateHistory(() =>
            {
                var (down, up, cache) = api.Rates();
                return new RatePoint(down, up, cache);
            })
        );
        own.AddSingleton<Ticker>();
        own.AddScoped(static provider => new PageClock(provider.GetRequiredService<Ticker>()));
        own.AddScoped<CircuitHandler, PageConnection>();
        own.AddSingleton(provider => new Removals(
            (user, torrent, pieces) => api.RemoveAsync(user, torrent.Route, torrent.Hash, pieces, CancellationToken.None),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Removals>>()
        ));
        own.AddScoped<RemovalPrompt>().AddScoped<MovePrompt>();
        own.AddScoped<PageUser>().AddScoped<PageLook>();
        return own.BuildServiceProvider();
    }

    // An instance that is given to a container is not disposed by it.
    private static void Share<T>(ServiceCollection own, IServiceProvider application)
        where T : class
    {
        own.AddSingleton(application.GetRequiredService<T>());
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "As above.")]
    private static RequestDelegate Pipeline(IServiceProvider own)
    {
        var app = new ApplicationBuilder(own);
        app.UseRouting();
        app.UseAntiforgery();
        app.UseEndpoints(static endpoints =>
        {
            endpoints.MapMethods("/_app/{version}/{name}", ["GET", "HEAD"], AssetFiles.SendAsync);
            endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        });
        return app.Build();
    }
}
