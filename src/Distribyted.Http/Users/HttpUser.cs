namespace Distribyted.Http.Users;

/// <summary>A user. The realm is always <c>distribyted</c>.</summary>
/// <param name="Name">No colon, no control characters, at most 64 characters.</param>
/// <param name="HashMd5">HA1 with MD5: lower-case hex of MD5(<c>name:distribyted:password</c>).</param>
/// <param name="HashSha256">HA1 with SHA-256.</param>
/// <param name="Rights">What the user may do.</param>
/// <param name="Routes">Route names the user sees; empty: all.</param>
public sealed record HttpUser(string Name, string HashMd5, string HashSha256, UserRights Rights, IReadOnlyList<string> Routes)
{
    /// <summary>The realm of every user.</summary>
    public const string Realm = "distribyted";

    /// <summary>A user with this password.</summary>
    public static HttpUser Create(string name, string password, UserRights rights = UserRights.Full, IReadOnlyList<string>? routes = null)
    {
        var text = System.Text.Encoding.UTF8.GetBytes($"{name}:{Realm}:{password}");
#pragma warning disable CA5351 // RFC 7616 names MD5 as one of its algorithms
        var md5 = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(text));
#pragma warning restore CA5351
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(text));
        return new HttpUser(name, md5, sha256, rights, routes ?? []);
    }
}
