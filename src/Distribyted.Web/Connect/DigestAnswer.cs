using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Distribyted.Http.Users;

namespace Distribyted.Web.Connect;

/// <summary>The client's side of Digest (RFC 7616), with what we keep of a user instead of the password. For the self-check.</summary>
internal static partial class DigestAnswer
{
    /// <summary>The Authorization header for a request.</summary>
    /// <param name="user">Who signs in.</param>
    /// <param name="nonce">From the challenge.</param>
    /// <param name="sha256">SHA-256, else MD5.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="target">Path and query, as they are sent.</param>
    public static AuthenticationHeaderValue Make(HttpUser user, string nonce, bool sha256, string method, string target)
    {
        const string Count = "00000001";
        var own = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var second = Hash(sha256, $"{method}:{target}");
        var first = (sha256 ? user.HashSha256 : user.HashMd5).ToLowerInvariant();
        var response = Hash(sha256, $"{first}:{nonce}:{Count}:{own}:auth:{second}");
        var name = user.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return new AuthenticationHeaderValue(
            "Digest",
            $"username=\"{name}\", realm=\"{HttpUser.Realm}\", nonce=\"{nonce}\", uri=\"{target}\", "
                + $"algorithm={(sha256 ? "SHA-256" : "MD5")}, qop=auth, nc={Count}, cnonce=\"{own}\", response=\"{response}\""
        );
    }

    /// <summary>The nonce of a challenge; null: it has none.</summary>
    public static string? Nonce(string challenge)
    {
        return NonceOf().Match(challenge) is { Success: true } match ? match.Groups["nonce"].Value : null;
    }

    private static string Hash(bool sha256, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351 // RFC 7616 names MD5 as one of its algorithms
        return Convert.ToHexStringLower(sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
#pragma warning restore CA5351
    }

    [GeneratedRegex("nonce=\"(?<nonce>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NonceOf();
}
