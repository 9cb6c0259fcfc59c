using Distribyted.BitTorrent;
using Distribyted.Http.Authentication;
using Distribyted.Routes;
using Distribyted.Routes.Sharing;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Changes;
using Distribyted.Web.Stalls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RouteOptions = Distribyted.Routes.RouteOptions;

namespace Distribyted.Web.Api.V1;

/// <summary>API v1: what its endpoints share. Its addresses are below <see cref="Prefix"/>; each resource has a class of its own here.</summary>
internal static class ApiV1
{
    public const string Prefix = "/api/v1";
    private const int KeptChanges = 4096; // for listeners that come back

    public static IServiceCollection AddApiV1(this IServiceCollection services)
    {
        services.AddSingleton<TorrentIndex>();
        services.AddSingleton<ApiV1Pipeline>();
        services.AddSingleton<OpenApiText>();
        services.AddSingleton(static provider => new InProcessApi(
            provider.GetRequiredService<TorrentSession>(),
            provider.GetRequiredService<RouteManager>(),
            provider.GetRequiredService<SharedFolders>(),
            provider.GetRequiredService<TorrentIndex>(),
            provider.GetRequiredService<StallLog>(),
            provider.GetRequiredService<ISettingsReport>(),
            provider.GetRequiredService<ServerStart>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<HttpAccessOptions>(),
            provider.GetRequiredService<ILogger<TorrentAddress>>()
        ));
        services.AddSingleton(static provider => new ServerStart(provider.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.AddSingleton(static _ => new ChangeFeed(KeptChanges));
        services.AddSingleton(static provider => new StallLog(
            Path.Combine(provider.GetRequiredService<RouteOptions>().MetadataFolder, "stalls.jsonl"),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StallLog>>()
        ));
        services.AddSingleton<ChangeWatch>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ChangeWatch>());
        services.TryAddSingleton<ISettingsReport, UnknownSettings>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiV1Json.Default));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true); // ProblemAnswers says what was bad
        return services;
    }

    /// <summary>An address of this API as the client has to write it, below the path of a proxy, too.</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">Below <see cref="Prefix"/>, escaped.</param>
    public static string Address(HttpRequest request, string path)
    {
        return request.PathBase.ToUriComponent() + Prefix + path;
    }

    /// <summary>Maps all addresses. What holds for each of them is set here once, so that a new one cannot lack it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var api = endpoints
            .MapGroup(Prefix)
            .RequireAuthorization(ApiRights.ReadersOnlyRead)
            .WithMetadata(new ProblemRefusals(), new BodyLimit(1 << 20))
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);
        RoutesResource.Map(api);
        AddResource.Map(api);
        TorrentList.Map(api);
        OpenApiResource.Map(api);
        TorrentResource.Map(api);
        PeersResource.Map(api);
        ReadersResource.Map(api);
        ServerResource.Map(api);
        StallsResource.Map(api);
        ConnectResource.Map(api);
        EventsResource.Map(api);
        api.Map("/{**path}", MissingAddress.SendAsync).ExcludeFromDescription();
    }

    /// <summary>Refusals of the sign-in as problem documents.</summary>
    private sealed class ProblemRefusals : IRefusalBody
    {
        public Task SendAsync(HttpContext context, int status, string text)
        {
            return ProblemAnswers.SendAsync(context, status, text);
        }
    }

    /// <summary>Most bytes of a request's body.</summary>
    private sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => bytes;
    }
}
