using Microsoft.AspNetCore.Http;

namespace Distribyted.Dashboard.Hosting;

/// <summary>The pages with their own container and routing, made at the first request for one of them: a daemon without an open page loads nothing of Blazor.
/// Safe for use by many threads.</summary>
internal sealed class LazyPages(IServiceProvider services) : IAsyncDisposable
{
    private readonly Lazy<PageServer> _server = new(() => new PageServer(services));

    /// <summary>Answers a request for a page, or for what a page loads, of a user who was authenticated already.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        context.SetEndpoint(null); // that of the outer routing
        context.Request.RouteValues.Clear();
        return _server.Value.InvokeAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await _server.Value.DisposeAsync();
        }
    }
}
