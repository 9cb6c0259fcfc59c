using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Listeners;

/// <summary>What browsers are told about every answer of a listener for browsers: what the answer may load and run, who may show it, and what else of the
/// browser it may use. An answer that is a page says for itself what it loads (<c>Content-Security-Policy</c>).</summary>
public static class SecurityHeaders
{
    // Data, not a page: if a browser shows it nevertheless, it loads and runs nothing.
    private const string Nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private const string Devices =
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

    /// <summary>Sets them before anything else looks at the request.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app)
    {
        return app.Use(
            static (context, next) =>
            {
                Set(context.Response);
                return next(context);
            }
        );
    }

    /// <summary>Sets them in an answer whose headers were cleared.</summary>
    public static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Nothing;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // not less: forms would not say where they come from (Origin: null)
        headers["Permissions-Policy"] = Devices;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin"; // cookies go to all ports of a machine, and so would pictures and films to pages of other programs there
    }
}
