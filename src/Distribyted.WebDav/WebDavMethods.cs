using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Distribyted.WebDav.Handlers;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.WebDav;

/// <summary>The one table of methods. What is not in it is 405.</summary>
internal sealed class WebDavMethods
{
    private static readonly Row[] Table =
    [
        new("OPTIONS", typeof(OptionsHandler)),
        new("GET", typeof(GetHandler)),
        new("HEAD", typeof(GetHandler)),
        new("PROPFIND", typeof(PropFindHandler)),
        new("PROPPATCH", typeof(PropPatchHandler)),
        new("PUT", typeof(PutHandler)),
        new("MKCOL", typeof(MkColHandler)),
        new("DELETE", typeof(DeleteHandler)),
        new("COPY", typeof(CopyMoveHandler)),
        new("MOVE", typeof(CopyMoveHandler)),
        new("LOCK", typeof(LockHandler)),
        new("UNLOCK", typeof(UnlockHandler)),
    ];

    private readonly FrozenDictionary<string, IWebDavHandler> _handlers;

    /// <summary>Finds the handlers.</summary>
    public WebDavMethods(IServiceProvider services)
    {
        _handlers = Table.ToFrozenDictionary(
            row => row.Method,
            row => (IWebDavHandler)services.GetRequiredService(row.Handler),
            StringComparer.Ordinal
        );
    }

    /// <summary>Every method, in the order in which the header <c>Allow</c> lists them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Method)];

    /// <summary>The handler of a method; null: 405.</summary>
    public IWebDavHandler? Find(string method)
    {
        return _handlers.GetValueOrDefault(method);
    }

    /// <summary>Registers all handlers.</summary>
    public static void AddHandlers(IServiceCollection services)
    {
        foreach (var row in Table.DistinctBy(row => row.Handler))
        {
            services.AddSingleton(row.Handler);
        }
    }

    private sealed record Row(
        string Method,
        [property: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
        [param: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
            Type Handler
    );
}
