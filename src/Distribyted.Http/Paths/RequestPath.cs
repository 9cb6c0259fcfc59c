using System.Text;
using Distribyted.FileSystem;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Http.Paths;

/// <summary>What a request target, a Destination or a tagged If names: read once, from the bytes that were sent.</summary>
/// <remarks>Kestrel's own <c>Request.Path</c> resolves dots and decodes everything but <c>%2F</c> before it can be checked; so this starts at the raw target:
/// split on <c>/</c>, then decode each segment once. A slash that was escaped is part of a name, and no name may hold one: refused.
/// Empty segments (<c>//</c>) are skipped. Safe text only: a value that exists needs no second check.</remarks>
public readonly record struct RequestPath
{
    // A path of the deepest kind has 256 segments of 255 bytes, each escaped to three characters.
    private const int MaxLength = 256 * 1024;

    private RequestPath(VirtualPath path, bool hasTrailingSlash, string raw)
    {
        Path = path;
        HasTrailingSlash = hasTrailingSlash;
        Raw = raw;
    }

    /// <summary>The path inside the tree.</summary>
    public VirtualPath Path { get; }

    /// <summary>Whether it was written as a folder.</summary>
    public bool HasTrailingSlash { get; }

    /// <summary>The path as it was sent, escapes and all, without scheme, host and query: <c>/a%20b/</c>. Clients find themselves by comparing it
    /// (VLC: byte for byte), so answers echo it. Null-safe: <c>/</c> for the default value.</summary>
    public string Raw => field ?? "/";

    /// <summary>Reads the target of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="prefix">What stands before the tree, unescaped and without trailing slash: <c>/fs</c>; empty: nothing.</param>
    /// <param name="path">The path.</param>
    /// <returns>False: answer 400. <c>*</c> (OPTIONS) reads as the root.</returns>
    public static bool TryParse(HttpRequest request, string prefix, out RequestPath path)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target))
        {
            path = default;
            return false;
        }

        if (target == "*")
        {
            path = new RequestPath(VirtualPath.Root, hasTrailingSlash: true, "/");
            return true;
        }

        return TryParseTarget(target, prefix, out path);
    }

    /// <summary>Reads a request target in origin-form (<c>/a?b</c>) or absolute-form (<c>http://host/a</c>; RFC 9112 section 3.2).</summary>
    public static bool TryParseTarget(string target, string prefix, out RequestPath path)
    {
        path = default;
        if (target is ['/', ..])
        {
            return TryParsePath(target, prefix, out path);
        }

        return SplitAbsolute(target, out _, out var rest) && TryParsePath(rest, prefix, out path);
    }

    /// <summary>Whether two request targets name the same resource, however they are escaped: proxies spell paths anew. Queries are compared as they are.</summary>
    public static bool IsSameResource(string left, string right)
    {
        return string.Equals(left, right, StringComparison.Ordinal)
            || (
                TryParseTarget(left, "", out var one)
                && TryParseTarget(right, "", out var other)
                && one.Path == other.Path
                && Query(left).SequenceEqual(Query(right))
            );
    }

    /// <summary>Reads a URI from a header: Destination (RFC 4918 section 10.3) or a tagged list of If (section 10.4). Absolute, or an absolute path.</summary>
    /// <param name="uri">As sent, without angle brackets.</param>
    /// <param name="request">The request that carries it: its host is ours.</param>
    /// <param name="prefix">As in <see cref="TryParse"/>.</param>
    /// <param name="path">The path, when the outcome is <see cref="UriOutcome.Here"/>.</param>
    public static UriOutcome TryParseUri(string uri, HttpRequest request, string prefix, out RequestPath path)
    {
        path = default;
        var rest = uri;
        var authority = default(string);
        if (uri is not ['/', ..] && !SplitAbsolute(uri, out authority, out rest))
        {
            return UriOutcome.Malformed;
        }

        if (authority is not null && !SameHost(authority, request.Host.Value ?? ""))
        {
            return UriOutcome.OtherHost;
        }

        if (TryParsePath(rest, prefix, out path))
        {
            return UriOutcome.Here;
        }

        // A well-formed path that is simply not below the prefix belongs to another handler.
        return prefix.Length > 0 && TryParsePath(rest, "", out _) ? UriOutcome.OtherHost : UriOutcome.Malformed;
    }

    private static ReadOnlySpan<char> Query(string target)
    {
        var start = target.IndexOf('?', StringComparison.Ordinal);
        return start < 0 ? [] : target.AsSpan(start);
    }

    private static bool SplitAbsolute(string text, out string? authority, out string rest)
    {
        authority = null;
        rest = "/";
        var start =
            text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : 0;
        if (start == 0)
        {
            return false;
        }

        var end = text.AsSpan(start).IndexOfAny('/', '?', '#');
        authority = end < 0 ? text[start..] : text[start..(start + end)];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        if (end >= 0)
        {
            rest = text[start + end] == '/' ? text[(start + end)..] : "/" + text[(start + end)..];
        }

        return IsAuthority(authority);
    }

    private static bool IsAuthority(string authority)
    {
        var host = new HostString(authority);
        var bracket = authority.StartsWith('[');
        return authority.Length > 0
            && (!bracket || authority.Contains(']', StringComparison.Ordinal))
            && host.Host.Length > 0
            && (bracket || host.Port is not null || !authority.Contains(':', StringComparison.Ordinal));
    }

    // Ports of the schemes may be left out by one side; the scheme itself may differ behind a proxy that ends TLS.
    private static bool SameHost(string left, string right)
    {
        return string.Equals(WithoutDefaultPort(left), WithoutDefaultPort(right), StringComparison.OrdinalIgnoreCase);
    }

    private static string WithoutDefaultPort(string authority)
    {
        return authority.EndsWith(":80", StringComparison.Ordinal) ? authority[..^3]
            : authority.EndsWith(":443", StringComparison.Ordinal) ? authority[..^4]
            : authority;
    }

    private static bool TryParsePath(string text, string prefix, out RequestPath path)
    {
        path = default;
        var end = text.AsSpan().IndexOfAny('?', '#');
        var raw = end < 0 ? text : text[..end];
        if (raw.Length > MaxLength)
        {
            return false;
        }

        var decoded = new StringBuilder(raw.Length);
        var segments = 0;
        foreach (var range in raw.AsSpan().Split('/'))
        {
            var segment = raw.AsSpan()[range];
            if (segment.IsEmpty)
            {
                continue;
            }

            decoded.Append('/');
            if (++segments > VirtualPath.MaxDepth + 8 || !PercentText.TryDecode(segment, decoded))
            {
                return false;
            }
        }

        var whole = decoded.ToString();
        if (prefix.Length > 0)
        {
            if (!whole.StartsWith(prefix, StringComparison.Ordinal) || (whole.Length > prefix.Length && whole[prefix.Length] != '/'))
            {
                return false;
            }

            whole = whole[prefix.Length..];
        }

        if (!VirtualPath.TryParse(whole, out var parsed))
        {
            return false;
        }

        path = new RequestPath(parsed, raw.EndsWith('/') || parsed.IsRoot, raw);
        return true;
    }
}
