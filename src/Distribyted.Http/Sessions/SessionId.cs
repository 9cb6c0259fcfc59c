using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Distribyted.Http.Sessions;

/// <summary>The secret of a session: 256 random bits, in the browser's cookie only.</summary>
internal sealed class SessionId
{
    private const int Length = 32;
    private const int TextLength = 43;

    private readonly byte[] _bytes;

    private SessionId(byte[] bytes)
    {
        _bytes = bytes;
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Under which the session is kept: SHA-256 of the id, lower-case hex. The id cannot be found from it.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(_bytes));

    public static SessionId Create()
    {
        return new SessionId(RandomNumberGenerator.GetBytes(Length));
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out SessionId? id)
    {
        id = null;
        var bytes = new byte[Length];
        if (
            text?.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Length
        )
        {
            return false;
        }

        id = new SessionId(bytes);
        return true;
    }

    /// <summary>As the cookie has it.</summary>
    public override string ToString()
    {
        return Base64Url.EncodeToString(_bytes);
    }
}
