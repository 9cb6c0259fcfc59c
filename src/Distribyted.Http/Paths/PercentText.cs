using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Distribyted.Http.Paths;

/// <summary>Percent-encoding of one path segment (RFC 3986 section 2.1): UTF-8, nothing else.</summary>
internal static class PercentText
{
    // Raw characters that no sender may leave unescaped are taken where they cannot be misread: clients differ (CFNetwork, rclone, neon).
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@\"<>[\\]^`{|} "
    );

    /// <summary>Decodes a segment once and appends it.</summary>
    /// <returns>False: a bad escape, bytes that are not UTF-8, NUL, or an escaped slash, <c>.</c> or <c>..</c>.</returns>
    public static bool TryDecode(ReadOnlySpan<char> segment, StringBuilder destination)
    {
        if (!segment.ContainsAnyExcept(Plain))
        {
            destination.Append(segment);
            return segment is not "." and not "..";
        }

        var rented = ArrayPool<byte>.Shared.Rent(segment.Length * 3);
        var text = ArrayPool<char>.Shared.Rent(segment.Length);
        try
        {
            if (
                !TryUnescape(segment, rented, out var length)
                || Utf8.ToUtf16(rented.AsSpan(0, length), text, out _, out var written, replaceInvalidSequences: false)
                    != OperationStatus.Done
            )
            {
                return false;
            }

            var decoded = text.AsSpan(0, written);
            if (decoded is "." or ".." || decoded.IndexOfAny('/', '\0') >= 0)
            {
                return false;
            }

            destination.Append(decoded);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            ArrayPool<char>.Shared.Return(text);
        }
    }

    private static bool TryUnescape(ReadOnlySpan<char> segment, Span<byte> bytes, out int length)
    {
        length = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            var c = segment[i];
            if (c == '%')
            {
                if (i + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[i + 1]) || !char.IsAsciiHexDigit(segment[i + 2]))
                {
                    return false;
                }

                bytes[length++] = (byte)((Hex(segment[i + 1]) << 4) | Hex(segment[i + 2]));
                i += 2;
            }
            else if (c < 0x80)
            {
                bytes[length++] = (byte)c;
            }
            else
            {
                // Headers may carry raw UTF-8; a lone surrogate is not text.
                if (Rune.DecodeFromUtf16(segment[i..], out var rune, out var used) != OperationStatus.Done)
                {
                    return false;
                }

                length += rune.EncodeToUtf8(bytes[length..]);
                i += used - 1;
            }
        }

        return true;
    }

    private static int Hex(char c)
    {
        return char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    }
}
