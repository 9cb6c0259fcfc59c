using System.Collections.Frozen;
using Distribyted.WebDav.Handlers;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.WebDav;

/// <summary>The one table of methods. What is not in it is 405.</summary>
internal sealed class WebDavMethods
{
    private static readonly (string Method, Type Handler)[] Table =
    [
        ("OPTIONS", typeof(OptionsHandler)),
        ("GET", typeof(GetHandler)),
        ("HEAD", typeof(GetHandler)),
        ("PROPFIND", typeof(PropFindHandler)),
        ("PROPPATCH", typeof(PropPatchHandler)),
        ("PUT", typeof(PutHandler)),
        ("MKCOL", typeof(MkColHandler)),
        ("DELETE", typeof(DeleteHandler)),
        ("COPY", typeof(CopyMoveHandler)),
        ("MOVE", typeof(CopyMoveHandler)),
        ("LOCK", typeof(LockHandler)),
        ("UNLOCK", typeof(UnlockHandler)),
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
        foreach (var handler in Table.Select(row => row.Handler).Distinct())
        {
            services.AddSingleton(handler);
        }
    }
}
