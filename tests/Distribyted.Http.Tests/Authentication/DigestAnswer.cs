using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Distribyted.Http.Tests.Wire;

namespace Distribyted.Http.Tests.Authentication;

/// <summary>Answers a Digest challenge as RFC 7616 section 3.4 says, written without the code under test.</summary>
internal static partial class DigestAnswer
{
    public static string Nonce(WireResponse challenge)
    {
        return NoncePattern().Match(challenge["WWW-Authenticate"]!).Groups["nonce"].Value;
    }

    public static string Of(
        string nonce,
        string user,
        string password,
        string method,
        string uri,
        string algorithm = "MD5",
        bool nameAlgorithm = true
    )
    {
        var ha1 = Hash(algorithm, $"{user}:distribyted:{password}");
        var ha2 = Hash(algorithm, $"{method}:{uri}");
        var response = Hash(algorithm, $"{ha1}:{nonce}:00000001:abcdef01:auth:{ha2}");
        return $"Digest username=\"{user}\", realm=\"distribyted\", nonce=\"{nonce}\", uri=\"{uri}\", qop=auth, nc=00000001, cnonce=\"abcdef01\", response=\"{response}\""
            + (nameAlgorithm ? $", algorithm={algorithm}" : "");
    }

    private static string Hash(string algorithm, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(algorithm == "MD5" ? MD5.HashData(bytes) : SHA256.HashData(bytes));
    }

    [GeneratedRegex("nonce=\"(?<nonce>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NoncePattern();
}
