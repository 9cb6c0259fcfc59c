using Distribyted.Http.Listeners;
using Distribyted.Platform;
using Distribyted.Web.Api;
using Distribyted.Web.Api.V1;
using Distribyted.Web.Connect;
using Distribyted.Web.Logs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Distribyted.Web;

/// <summary>Puts the web listener into an application.</summary>
public static class WebServices
{
    /// <summary>The API and <c>/fs</c>. The application registers the library, the engine, `AddHttpAccess` and routing.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Null: the defaults.</param>
    public static IServiceCollection AddWeb(this IServiceCollection services, WebOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LogFeed>();
        services.AddSingleton(options ?? new WebOptions());
        services.AddSingleton<RoutesApi>();
        services.AddSingleton<PendingAdds>();
        services.AddSingleton<AddTorrent>();
        services.AddSingleton(new WarmUpStep("body of an add", AddTorrent.ReadOneAsync));
        services.AddSingleton<StatusApi>();
        services.AddSingleton<TraceApi>();
        services.AddSingleton<ServersApi>();
        services.AddSingleton<LogsApi>();
        services.AddSingleton<FilesApi>();
        services.AddSingleton<HealthApi>();
        services.TryAddSingleton<IServedPorts, UnknownPorts>();
        services.AddSingleton<AddressBook>();
        services.AddSingleton<SelfCheck>();
        services.AddApiV1();
        services.AddAuthorization(authorization =>
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()
        );
        return services;
    }
}
