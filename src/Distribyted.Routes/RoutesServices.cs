using System.Diagnostics.Metrics;
using Distribyted.BitTorrent;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Sharing;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes;

/// <summary>Registers the services of this project.</summary>
public static class RoutesServices
{
    /// <summary>Adds <see cref="RouteManager"/>, <see cref="SharedFolders"/> and their start. Needs <see cref="RouteOptions"/>,
    /// <see cref="BitTorrentOptions"/> and <see cref="TorrentSession"/> as singletons; the session must be started before the hosted service
    /// of this project is.</summary>
    public static IServiceCollection AddRoutes(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new RouteMetrics(provider.GetService<IMeterFactory>()));
        services.AddSingleton<IRouteCatalog>(provider => new LiteDbRouteCatalog(
            provider.GetRequiredService<RouteOptions>().MetadataFolder,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LiteDbRouteCatalog>>()
        ));
        services.AddSingleton(provider => new RouteManager(
            provider.GetRequiredService<TorrentSession>(),
            provider.GetRequiredService<IRouteCatalog>(),
            provider.GetRequiredService<BitTorrentOptions>().CacheFolder,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<RouteMetrics>(),
            provider.GetRequiredService<ILoggerFactory>()
        ));
        services.AddSingleton(provider => new SharedFolders(
            provider.GetRequiredService<RouteOptions>().Servers,
            provider.GetRequiredService<RouteOptions>().MetadataFolder,
            provider.GetRequiredService<RouteManager>().Store,
            provider.GetRequiredService<TorrentSession>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()
        ));
        services.AddSingleton<IHostedService>(provider => new RoutesStartup(
            provider.GetRequiredService<RouteOptions>(),
            provider.GetRequiredService<RouteManager>(),
            provider.GetRequiredService<SharedFolders>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()
        ));
        return services;
    }
}
