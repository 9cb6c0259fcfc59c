using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>A web server on loopback with one file at each address; <c>/away/</c> with an address in hexadecimal digits leads there.</summary>
internal sealed class OneFileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OneFileServer(byte[] file)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context =>
        {
            if (context.Request.Path.StartsWithSegments("/away", StringComparison.Ordinal, out var target))
            {
                context.Response.Headers.Location = Encoding.UTF8.GetString(Convert.FromHexString(target.Value!.AsSpan(1)));
                context.Response.StatusCode = StatusCodes.Status302Found;
                return Task.CompletedTask;
            }

            return context.Response.Body.WriteAsync(file, context.RequestAborted).AsTask();
        });
    }

    public string Address => _app.Urls.Single();

    /// <summary>An address of this server that leads to another one.</summary>
    public string LeadingTo(string target)
    {
        return $"{Address}/away/{Convert.ToHexString(Encoding.UTF8.GetBytes(target))}";
    }

    public static async Task<OneFileServer> StartAsync(byte[] file, CancellationToken cancellationToken)
    {
        var server = new OneFileServer(file);
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync()
    {
        return _app.DisposeAsync();
    }
}
