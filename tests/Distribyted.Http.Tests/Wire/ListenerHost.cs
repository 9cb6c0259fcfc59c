using System.Net;
using Distribyted.FileSystem;
using Distribyted.Http.Authentication;
using Distribyted.Http.Files;
using Distribyted.Http.Listeners;
using Distribyted.Http.Paths;
using Distribyted.Http.Transport;
using Distribyted.Http.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Http.Tests.Wire;

/// <summary>A real Kestrel on loopback with a listener that only reads.</summary>
internal sealed class ListenerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ListenerHost(WebApplication app)
    {
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
    }

    public IPEndPoint EndPoint { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ListenerHost> StartAsync(
        IFileSystem files,
        HttpAccessOptions? options = null,
        TimeProvider? time = null,
        string prefix = "",
        Listener? listener = null,
        Func<HttpContext, IFileSystem, Task>? serve = null
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                        listen
                            .UseListener(listener ?? new Listener("webdav", options is not null, UserRights.Full, SignInPage: null))
                            .UseDirectOutput()
                            .UseNonAsciiHeads()
                )
            );
        builder.Services.AddSingleton(files);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddHttpAccess(options);
        var app = builder.Build();
        app.UseNonAsciiHeads();
        app.UseSignIn();
        app.Run(context =>
            serve is null
                ? ServeAsync(context, prefix)
                : serve(context, context.RequestServices.GetRequiredService<IUserFileSystem>().For(context.User))
        );
        await app.StartAsync();
        return new ListenerHost(app);
    }

    public Task<WireClient> ConnectAsync(CancellationToken cancellationToken)
    {
        return WireClient.ConnectAsync(EndPoint, isSlow: false, cancellationToken);
    }

    public Task<WireClient> ConnectSlowlyAsync(CancellationToken cancellationToken)
    {
        return WireClient.ConnectAsync(EndPoint, isSlow: true, cancellationToken);
    }

    public async Task<WireResponse> AskAsync(string request, CancellationToken cancellationToken)
    {
        await using var client = await ConnectAsync(cancellationToken);
        return await client.AskAsync(request, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task ServeAsync(HttpContext context, string prefix)
    {
        if (!RequestPath.TryParse(context.Request, prefix, out var path))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted); // 200: signed in, and this is what came
            return;
        }

        var files = context.RequestServices.GetRequiredService<IUserFileSystem>().For(context.User);
        var found = await files.LocateAsync(path.Path, context.RequestAborted);
        if (found is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (found.Entry.IsDirectory)
        {
            await DirectoryPage.SendAsync(context, path.Path, (await files.ListAsync(path.Path, context.RequestAborted))!, prefix);
        }
        else
        {
            await FileResponse.SendAsync(context, files, path.Path, found);
        }
    }
}
