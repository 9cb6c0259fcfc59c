using System.Text;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Telemetry;
using Distribyted.WebDav.Writing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Distribyted.WebDav;

/// <summary>Puts the WebDAV listener into a program.</summary>
public static class WebDavServices
{
    /// <summary>Registers what answers WebDAV requests. It needs an <c>IUserFileSystem</c>, logging and metrics; a <see cref="TimeProvider"/> is taken where there is one.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="options">Null: the defaults.</param>
    public static IServiceCollection AddWebDav(this IServiceCollection services, WebDavOptions? options = null)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance); // bodies in windows-1252, iso-8859-15 and others of XML's encodings
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(options ?? new WebDavOptions());
        services.AddSingleton<LockTable>();
        services.AddSingleton<WriteGate>();
        services.AddSingleton<WriteConditions>();
        services.AddSingleton<WritePipeline>();
        services.AddSingleton<WebDavMetrics>();
        services.AddSingleton<WebDavMethods>();
        services.AddSingleton<WebDavMiddleware>();
        WebDavMethods.AddHandlers(services);
        return services;
    }

    /// <summary>Answers every request of this branch as WebDAV. Terminal: nothing behind it is reached. HTTP/1.1 listeners only.</summary>
    public static IApplicationBuilder UseWebDav(this IApplicationBuilder app)
    {
        var middleware = app.ApplicationServices.GetRequiredService<WebDavMiddleware>();
        app.Run(middleware.InvokeAsync);
        return app;
    }
}
