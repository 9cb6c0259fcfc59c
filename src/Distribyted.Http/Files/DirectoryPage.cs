using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Distribyted.FileSystem;
using Distribyted.Http.Paths;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Files;

/// <summary>A folder as a page for browsers: streamed, no scripts, nothing loaded from anywhere.</summary>
public static class DirectoryPage
{
    private const int FlushAt = 64 * 1024;

    private const string Style =
        ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:2rem auto;max-width:70rem;padding:0 1rem}"
        + "h1{font-size:1.2rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600}"
        + "th,td{padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top}td:first-child{overflow-wrap:anywhere}"
        + ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}time{white-space:nowrap}a{text-decoration:none}a:hover{text-decoration:underline}";

    private static readonly string Policy =
        "default-src 'none'; style-src 'sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))
        + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Answers a GET or HEAD of a folder, with or without a trailing slash (links are absolute paths).</summary>
    /// <param name="context">The request; nothing of its answer has been sent.</param>
    /// <param name="path">The folder.</param>
    /// <param name="listing">What it holds.</param>
    /// <param name="prefix">What stands before the tree in links, escaped and without trailing slash: <c>/fs</c>; empty: nothing.</param>
    public static async Task SendAsync(HttpContext context, VirtualPath path, DirectoryListing listing, string prefix = "")
    {
        var response = context.Response;
        var headers = response.Headers;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/html; charset=utf-8";
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var pipe = response.BodyWriter;
        var pending = WriteTop(pipe, path, listing, prefix);
        var folder = Href.Of(path, isDirectory: true, prefix);
        for (var i = 0; i < listing.Count; i++)
        {
            pending += WriteRow(pipe, folder, listing[i]);
            if (pending < FlushAt)
            {
                continue;
            }

            pending = 0;
            if ((await pipe.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return;
            }
        }

        Write(pipe, "</tbody></table></body></html>\n");
        await pipe.FlushAsync(context.RequestAborted);
    }

    private static int WriteTop(IBufferWriter<byte> pipe, VirtualPath path, DirectoryListing listing, string prefix)
    {
        var title = HtmlEncoder.Default.Encode(path.Value);
        var top = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
            .Append(title)
            .Append("</title><meta name=\"viewport\" content=\"width=device-width\"><style>")
            .Append(Style)
            .Append("</style></head><body><h1>")
            .Append(title)
            .Append("</h1>");
        if (listing.Note is { Length: > 0 } note)
        {
            top.Append("<p>").Append(HtmlEncoder.Default.Encode(note)).Append("</p>");
        }

        top.Append("<table><thead><tr><th>Name</th><th class=\"n\">Size</th><th>Changed</th></tr></thead><tbody>\n");
        if (!path.IsRoot)
        {
            top.Append("<tr><td><a href=\"")
                .Append(Href.Of(path.Parent, isDirectory: true, prefix))
                .Append("\">../</a></td><td></td><td></td></tr>\n");
        }

        return Write(pipe, top.ToString());
    }

    private static int WriteRow(IBufferWriter<byte> pipe, string folder, FileEntry entry)
    {
        var slash = entry.IsDirectory ? "/" : "";
        var time = entry.Modified.UtcDateTime;
        return Write(
            pipe,
            string.Create(
                CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"{folder}{Href.Segment(entry.Name)}{slash}\">{HtmlEncoder.Default.Encode(entry.Name)}{slash}</a></td><td class=\"n\">{(entry.IsDirectory ? "" : Size(entry.Length))}</td><td><time datetime=\"{time:yyyy-MM-dd'T'HH:mm:ss'Z'}\">{time:yyyy-MM-dd HH:mm}</time></td></tr>\n"
            )
        );
    }

    private static string Size(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? bytes : Math.Round(value, value < 10 ? 1 : 0))} {units[unit]}");
    }

    private static int Write(IBufferWriter<byte> pipe, string text)
    {
        return (int)Encoding.UTF8.GetBytes(text, pipe);
    }
}
