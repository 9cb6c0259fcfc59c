using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Pages;

/// <summary>What the pages around the sign-in share: one card in the middle, dark or light as the system is, without script, with nothing loaded from anywhere.</summary>
internal static class PageFrame
{
    private const string Style = """
        :root{color-scheme:light dark;--back:#f3f4f7;--card:#fff;--text:#1b1e26;--quiet:#565d6d;--line:#878d9b;--main:#3d4fc4;--on-main:#fff;--bad:#a4161a;--bad-back:#fdecec}
        @media (prefers-color-scheme:dark){:root{--back:#12141a;--card:#1d2029;--text:#eceef3;--quiet:#a9b0c0;--line:#757c8c;--main:#a9b4ff;--on-main:#12141a;--bad:#ffb4b0;--bad-back:#43191b}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
        main{width:100%;max-width:24rem;background:var(--card);border-radius:1rem;padding:2rem 1.5rem;box-shadow:0 1px 3px #0003,0 8px 24px #0001}
        h1{margin:0 0 .25rem;font-size:1.5rem;line-height:1.25}
        p{margin:0 0 1.25rem;color:var(--quiet)}
        label{display:block;margin:0 0 .25rem;font-weight:600}
        input{width:100%;margin:0 0 1rem;padding:.75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.5rem}
        button{width:100%;margin:.25rem 0 0;padding:.8rem;font:inherit;font-weight:600;color:var(--on-main);background:var(--main);border:1px solid transparent;border-radius:.5rem;cursor:pointer}
        button.second{color:var(--main);background:transparent;border-color:var(--line);margin-top:.75rem}
        a{color:var(--main)}
        :focus-visible{outline:3px solid var(--main);outline-offset:2px}
        .bad{padding:.75rem;border-radius:.5rem;color:var(--bad);background:var(--bad-back)}
        details{margin:1.25rem 0 0;color:var(--quiet);font-size:.9rem}
        summary{cursor:pointer;padding:.25rem 0}
        details p{margin:.5rem 0 0}
        form+p{margin:1.25rem 0 0}
        code{font-size:.95em;overflow-wrap:anywhere}
        """;

    private static readonly string Policy =
        "default-src 'none'; style-src 'sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))
        + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>Text as HTML, also inside an attribute.</summary>
    public static string Encode(string text)
    {
        return HtmlEncoder.Default.Encode(text);
    }

    /// <summary>Sends a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">Of the window, as HTML.</param>
    /// <param name="content">What is in the card, as HTML.</param>
    public static Task SendAsync(HttpContext context, int status, string title, string content)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers["Referrer-Policy"] = "same-origin"; // the form has to say where it comes from
        var page =
            $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + $"<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n";
        return Answer.SendAsync(context, status, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
    }

    /// <summary>Sends the browser to another of our pages, by GET.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Escaped, below the base path.</param>
    public static Task SeeOtherAsync(HttpContext context, string path)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
