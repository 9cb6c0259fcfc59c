using System.Diagnostics.CodeAnalysis;
using System.Text;
using Distribyted.Http.Users;

namespace Distribyted.Http.Authentication;

/// <summary>The parameters of <c>Authorization: Digest</c> (RFC 7616 section 3.4). Any text gives a value or a refusal.</summary>
internal sealed record DigestHeader
{
    private const int MaxLength = 16 * 1024;
    private const int MaxParameters = 32;

    private DigestHeader() { }

    public string UserName { get; private set; } = "";

    public string Nonce { get; private set; } = "";

    public string Uri { get; private set; } = "";

    /// <summary>As it was sent; it goes into the hash.</summary>
    public string NonceCount { get; private set; } = "";

    public string ClientNonce { get; private set; } = "";

    public string Response { get; private set; } = "";

    /// <summary>Null: none was sent, which means MD5.</summary>
    public string? Algorithm { get; private set; }

    private string? Realm { get; set; }

    private string? Qop { get; set; }

    /// <summary>Reads what stands after the word Digest.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DigestHeader? header)
    {
        header = null;
        if (text.Length > MaxLength)
        {
            return false;
        }

        var result = new DigestHeader();
        var rest = text.AsSpan();
        for (var count = 0; ; count++)
        {
            rest = rest.TrimStart([' ', '\t', ',']);
            if (rest.IsEmpty)
            {
                break;
            }

            var equals = rest.IndexOf('=');
            if (equals <= 0 || count >= MaxParameters)
            {
                return false;
            }

            var name = rest[..equals].TrimEnd([' ', '\t']);
            rest = rest[(equals + 1)..].TrimStart([' ', '\t']);
            if (!TryValue(ref rest, out var value) || !result.TrySet(name, value))
            {
                return false;
            }
        }

        header = result.IsWhole() ? result : null;
        return header is not null;
    }

    private static bool TryValue(ref ReadOnlySpan<char> rest, out string value)
    {
        if (rest is not ['"', ..])
        {
            var end = rest.IndexOf(',');
            value = (end < 0 ? rest : rest[..end]).Trim([' ', '\t']).ToString();
            rest = end < 0 ? [] : rest[end..];
            return value.Length > 0 && !value.Contains('"', StringComparison.Ordinal);
        }

        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..];
                return rest.TrimStart([' ', '\t']) is [] or [',', ..];
            }

            if (rest[i] == '\\' && ++i == rest.Length)
            {
                break;
            }

            text.Append(rest[i]);
        }

        value = "";
        return false;
    }

    // A parameter twice is an attempt to be read in two ways.
    private bool TrySet(ReadOnlySpan<char> name, string value)
    {
        if (Is(name, "username"))
        {
            (var free, UserName) = (UserName.Length == 0, value);
            return free;
        }

        if (Is(name, "username*"))
        {
            (var free, UserName) = (UserName.Length == 0, Extended(value));
            return free && UserName.Length > 0;
        }

        if (Is(name, "nonce"))
        {
            (var free, Nonce) = (Nonce.Length == 0, value);
            return free;
        }

        if (Is(name, "uri"))
        {
            (var free, Uri) = (Uri.Length == 0, value);
            return free;
        }

        if (Is(name, "nc"))
        {
            (var free, NonceCount) = (NonceCount.Length == 0, value);
            return free && value.Length == 8 && value.All(char.IsAsciiHexDigit);
        }

        if (Is(name, "cnonce"))
        {
            (var free, ClientNonce) = (ClientNonce.Length == 0, value);
            return free;
        }

        if (Is(name, "response"))
        {
            (var free, Response) = (Response.Length == 0, value);
            return free && value.All(char.IsAsciiHexDigit);
        }

        if (Is(name, "realm"))
        {
            (var free, Realm) = (Realm is null, value);
            return free;
        }

        if (Is(name, "qop"))
        {
            (var free, Qop) = (Qop is null, value);
            return free;
        }

        if (Is(name, "algorithm"))
        {
            (var free, Algorithm) = (Algorithm is null, value);
            return free;
        }

        return !(Is(name, "userhash") && value.Equals("true", StringComparison.OrdinalIgnoreCase)); // not offered; others are nothing to us
    }

    private bool IsWhole()
    {
        return UserName.Length > 0
            && Nonce.Length > 0
            && Uri.Length > 0
            && NonceCount.Length > 0
            && ClientNonce.Length > 0
            && Response.Length > 0
            && Realm == HttpUser.Realm
            && string.Equals(Qop, "auth", StringComparison.OrdinalIgnoreCase);
    }

    // RFC 8187: UTF-8''J%C3%A4s
    private static string Extended(string value)
    {
        const string Start = "UTF-8''";
        if (!value.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        var text = new StringBuilder();
        return Paths.PercentText.TryDecode(value.AsSpan(Start.Length), text) ? text.ToString() : "";
    }

    private static bool Is(ReadOnlySpan<char> name, string expected)
    {
        return name.Equals(expected, StringComparison.OrdinalIgnoreCase);
    }
}
