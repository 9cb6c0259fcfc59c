using System.Buffers;
using System.Text.Unicode;

namespace Distribyted.Http.Transport;

/// <summary>Request heads (RFC 9112 section 2) with bytes that no sender may leave as they are, spelled so that every parser takes them. Pure.</summary>
/// <remarks>The request line: each byte from 0x80 on becomes %XX, which is what a client that sends UTF-8 means. Header lines: what is not UTF-8 is read as
/// ISO 8859-1 (RFC 9110 section 5.5) and becomes UTF-8.</remarks>
internal static class NonAsciiHead
{
    /// <summary>Rewrites the lines of a head that are complete. What follows them, and what follows the head, stays as it is.</summary>
    /// <param name="bytes">From the start of a head, or from the start of one of its lines.</param>
    /// <param name="hasRequestLine">Whether the first line is the request line; false: it is a header.</param>
    /// <returns>Null: nothing has to change.</returns>
    public static byte[]? Rewrite(ReadOnlySpan<byte> bytes, bool hasRequestLine)
    {
        var text = new ArrayBufferWriter<byte>(bytes.Length + 256);
        var rest = bytes;
        var isChanged = false;
        for (int end; (end = rest.IndexOf((byte)'\n') + 1) > 0; rest = rest[end..])
        {
            var line = rest[..end];
            if (!line.ContainsAnyExcept((byte)'\r', (byte)'\n'))
            {
                if (!hasRequestLine)
                {
                    break; // the head ends here
                }

                text.Write(line); // before a request line they mean nothing (RFC 9112 section 2.2)
                continue;
            }

            var isGood = System.Text.Ascii.IsValid(line) || (!hasRequestLine && Utf8.IsValid(line));
            isChanged |= !isGood;
            if (isGood)
            {
                text.Write(line);
            }
            else if (hasRequestLine)
            {
                Escape(line, text);
            }
            else
            {
                FromLatin1(line, text);
            }

            hasRequestLine = false;
        }

        text.Write(rest);
        return isChanged ? text.WrittenSpan.ToArray() : null;
    }

    private static void Escape(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> text)
    {
        var digits = "0123456789ABCDEF"u8;
        foreach (var b in line)
        {
            text.Write(b < 0x80 ? [b] : [(byte)'%', digits[b >> 4], digits[b & 15]]);
        }
    }

    private static void FromLatin1(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> text)
    {
        foreach (var b in line)
        {
            text.Write(b < 0x80 ? [b] : [(byte)(0xC0 | (b >> 6)), (byte)(0x80 | (b & 0x3F))]);
        }
    }
}
