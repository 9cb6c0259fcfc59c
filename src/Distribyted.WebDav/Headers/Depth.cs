using Distribyted.WebDav.Errors;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Headers;

/// <summary>How far a request reaches (RFC 4918 section 10.2).</summary>
internal enum Depth
{
    /// <summary>The resource alone.</summary>
    Zero,

    /// <summary>The resource and what is directly in it.</summary>
    One,

    /// <summary>The resource and everything below.</summary>
    Infinity,
}

/// <summary>The header <c>Depth</c>.</summary>
internal static class DepthHeader
{
    /// <summary>Reads it; null when it is not there. The words are case-insensitive.</summary>
    /// <exception cref="WebDavException">400 for anything else.</exception>
    public static Depth? Read(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue("Depth", out var values) || values.Count == 0)
        {
            return null;
        }

        return values.ToString().Trim() switch
        {
            "0" => Depth.Zero,
            "1" => Depth.One,
            var word when word.Equals("infinity", StringComparison.OrdinalIgnoreCase) => Depth.Infinity,
            _ => throw WebDavException.BadRequest("Depth is 0, 1 or infinity."),
        };
    }
}
