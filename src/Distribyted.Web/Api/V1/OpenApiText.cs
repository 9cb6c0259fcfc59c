using System.Text;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Distribyted.Web.Api.V1;

/// <summary>The description of the API as JSON, made once. Safe for use by many threads.</summary>
/// <remarks>What makes it (the OpenAPI package and the explorer of Mvc beneath) has a container of its own, so that nothing of it is loaded before a client asks.</remarks>
internal sealed class OpenApiText(IServiceProvider services)
{
    private const string Name = "v1";

    private Made? _made;

    /// <summary>The document, UTF-8.</summary>
    /// <param name="below">The path below which a proxy serves us; empty: none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<byte[]> GetAsync(string below, CancellationToken cancellationToken)
    {
        if (_made is { } made && made.Below == below)
        {
            return made.Json;
        }

        await using var own = Container();
        var provider = own.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = await provider.GetOpenApiDocumentAsync(cancellationToken);
        document.Servers = [new OpenApiServer { Url = below + "/" }];
        var json = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken));
        _made = new Made(below, json);
        return json;
    }

    private ServiceProvider Container()
    {
        var endpoints = services.GetRequiredService<EndpointDataSource>();
        var own = new ServiceCollection();
        own.AddLogging().AddRoutingCore();
        own.AddSingleton(endpoints)
            .AddSingleton(services.GetRequiredService<IHostEnvironment>())
            .AddSingleton(services.GetRequiredService<IOptions<JsonOptions>>());

        // Parameters of handlers that come from the application's container are no part of a request: they are known here by their types alone.
        var known = services.GetRequiredService<IServiceProviderIsService>();
        var types = endpoints
            .Endpoints.SelectMany(static endpoint => endpoint.Metadata.OfType<IParameterBindingMetadata>())
            .Select(static parameter => parameter.ParameterInfo.ParameterType);
        foreach (var type in types.Distinct().Where(known.IsService))
        {
            own.AddSingleton(
                type,
                static _ => throw new InvalidOperationException("The description has the types of services, not services.")
            );
        }

        own.AddOpenApi(Name, Configure);
        return own.BuildServiceProvider();
    }

    private sealed record Made(string Below, byte[] Json);

    private static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static about => about.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer(
            static (document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Distribyted",
                    Version = Name,
                    Description =
                        "Torrents as files: routes, torrents, what is read and why it waits. Failures are problem documents (RFC 9457).",
                };
                return Task.CompletedTask;
            }
        );
    }
}
