using Distribyted.Http.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using IPNetwork = System.Net.IPNetwork;

namespace Distribyted.Http.Proxies;

/// <summary>What reverse proxies say of their clients (<c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c>, <c>-Prefix</c>), believed of those of the configuration alone.</summary>
public static class TrustedProxies
{
    /// <summary>Takes the address, the scheme and the host of the client from the proxy that sends its request. Goes before everything that looks at them: lock-out,
    /// logs, cookies, addresses in answers. Without a trusted proxy there is nothing to do, and nothing is put in.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="isPrefixTaken">Whether the path below which the proxy serves this listener is taken, too.</param>
    public static IApplicationBuilder UseTrustedProxies(this IApplicationBuilder app, bool isPrefixTaken)
    {
        var trusted = app.ApplicationServices.GetRequiredService<HttpAccessOptions>().TrustedProxies;
        return trusted.Count == 0 ? app : Use(app, trusted, isPrefixTaken); // what is not used at the start is not loaded
    }

    private static IApplicationBuilder Use(IApplicationBuilder app, IReadOnlyList<IPNetwork> trusted, bool isPrefixTaken)
    {
        const ForwardedHeaders Client = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = isPrefixTaken ? Client | ForwardedHeaders.XForwardedPrefix : Client,
            ForwardLimit = null, // back to the first that is not one of ours: its client is who it says
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted)
        {
            options.KnownIPNetworks.Add(network);
        }

        return app.UseForwardedHeaders(options);
    }
}
