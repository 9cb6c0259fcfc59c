using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>A web server on loopback with one file at each address; <c>/away</c> leads to another address.</summary>
internal sealed class OneFileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OneFileServer(byte[] file, string away)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context =>
        {
            if (context.Request.Path == "/away")
            {
                context.Response.Redirect(away);
                return Task.CompletedTask;
            }

            return context.Response.Body.WriteAsync(file, context.RequestAborted).AsTask();
        });
    }

    public string Address => _app.Urls.Single();

    public static async Task<OneFileServer> StartAsync(byte[] file, string away, CancellationToken cancellationToken)
    {
        var server = new OneFileServer(file, away);
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync()
    {
        return _app.DisposeAsync();
    }
}
