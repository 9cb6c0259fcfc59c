using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Distribyted.Web.Api.V1;

/// <summary>The description of the API as JSON, made once. Safe for use by many threads.</summary>
internal sealed class OpenApiText
{
    private byte[]? _made;

    public async Task<byte[]> GetAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (_made is { } made)
        {
            return made;
        }

        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1");
        var document = await provider.GetOpenApiDocumentAsync(cancellationToken);
        return _made = System.Text.Encoding.UTF8.GetBytes(
            await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken)
        );
    }
}
