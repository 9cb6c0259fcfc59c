using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Dashboard.Assets;

/// <summary>Scripts, styles and icons, which are resources of this assembly. The address has the hash of the content, so browsers keep them for a year.
/// Safe for use by many threads.</summary>
internal static class AssetFiles
{
    private const string Prefix = "assets/";
    private const int HashDigits = 12;

    private static readonly FrozenDictionary<string, AssetFile> All = typeof(AssetFiles)
        .Assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(static name => new AssetFile(name[Prefix.Length..]))
        .ToFrozenDictionary(static file => file.Name, StringComparer.Ordinal);

    /// <summary>The address of a file, relative to the base of the page.</summary>
    public static string Address(string name)
    {
        return $"_app/{All[name].Hash}/{name}";
    }

    public static Task SendAsync(HttpContext context)
    {
        if (!All.TryGetValue(context.GetRouteValue("name") as string ?? "", out var file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        // A page of another version asks with another hash: it gets what there is, but not for long.
        return SendAsync(context, file, string.Equals(context.GetRouteValue("version") as string, file.Hash, StringComparison.Ordinal));
    }

    /// <summary>Sends the icon under an address without a hash.</summary>
    public static Task SendIconAsync(HttpContext context)
    {
        return SendAsync(context, All["icon.svg"], isCurrent: false);
    }

    private static async Task SendAsync(HttpContext context, AssetFile file, bool isCurrent)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = isCurrent ? "private, max-age=31536000, immutable" : "no-cache";
        response.Headers.ETag = file.ETag;
        response.Headers.XContentTypeOptions = "nosniff";
        if (request.Headers.IfNoneMatch.Count > 0 && request.Headers.IfNoneMatch.ToString().Contains(file.ETag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        var bytes = file.Bytes;
        if (request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = "gzip";
            bytes = file.Compressed;
        }

        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private sealed class AssetFile
    {
        private readonly Lazy<byte[]> _compressed;

        public AssetFile(string name)
        {
            Name = name;
            Hash = Convert.ToHexStringLower(SHA256.HashData(Bytes))[..HashDigits];
            ETag = $"\"{Hash}\"";
            _compressed = new Lazy<byte[]>(Compress);
        }

        public string Name { get; }

        public string Hash { get; }

        public string ETag { get; }

        public string ContentType =>
            Path.GetExtension(Name) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".svg" => "image/svg+xml",
                ".webmanifest" => "application/manifest+json",
                _ => "application/octet-stream",
            };

        /// <summary>Read anew: most clients take it compressed.</summary>
        public byte[] Bytes
        {
            get
            {
                using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(Prefix + Name)!;
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }
        }

        public byte[] Compressed => _compressed.Value;

        private byte[] Compress()
        {
            using var output = new MemoryStream();
            using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
            {
                gzip.Write(Bytes);
            }

            return output.ToArray();
        }
    }
}
