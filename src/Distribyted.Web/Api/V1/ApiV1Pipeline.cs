using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api.V1;

/// <summary>The endpoints of API v1 with their own routing, made at the first request for one of them: a daemon that only serves mounts and players never loads them.
/// Safe for use by many threads.</summary>
internal sealed class ApiV1Pipeline(IServiceProvider services)
{
    private readonly Lazy<RequestDelegate> _pipeline = new(() => Build(services));

    /// <summary>Answers a request below <see cref="ApiV1.Prefix"/>, of a user who was authenticated already or not; who may do what is decided here.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        context.SetEndpoint(null); // that of the outer routing
        context.Request.RouteValues.Clear();
        return _pipeline.Value(context);
    }

    /// <summary>Makes the endpoints now.</summary>
    public void Load()
    {
        _ = _pipeline.Value;
    }

    private static RequestDelegate Build(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.UseAuthorization();
        app.UseEndpoints(ApiV1.Map);
        return app.Build();
    }
}
