using System.Buffers;
using System.Text;

namespace Distribyted.WebDav.Xml;

/// <summary>Text of an element as UTF-8, escaped once, straight into the answer.</summary>
/// <remarks>What XML 1.0 cannot say (control characters, U+FFFE, lone surrogates) becomes U+FFFD: a listing must stay readable whatever a torrent calls its files.</remarks>
internal static class XmlText
{
    /// <summary>How every XML body begins.</summary>
    public const string Declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

    /// <summary>How a multistatus begins (RFC 4918 section 13).</summary>
    public const string MultiStatusStart = Declaration + "<D:multistatus xmlns:D=\"DAV:\">";

    private static readonly SearchValues<char> Special = SearchValues.Create(MakeSpecial());

    /// <summary>Bytes that <see cref="Write"/> will write.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAny(Special);
        if (at < 0)
        {
            return Encoding.UTF8.GetByteCount(text);
        }

        var length = Encoding.UTF8.GetByteCount(text[..at]);
        foreach (var rune in text[at..].EnumerateRunes())
        {
            var entity = Entity(rune);
            length += entity.IsEmpty ? rune.Utf8SequenceLength : entity.Length;
        }

        return length;
    }

    /// <summary>Writes text.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var at = text.IndexOfAny(Special);
        if (at < 0)
        {
            return Encoding.UTF8.GetBytes(text, destination);
        }

        var written = Encoding.UTF8.GetBytes(text[..at], destination);
        foreach (var rune in text[at..].EnumerateRunes())
        {
            var entity = Entity(rune);
            if (entity.IsEmpty)
            {
                written += rune.EncodeToUtf8(destination[written..]);
            }
            else
            {
                entity.CopyTo(destination[written..]);
                written += entity.Length;
            }
        }

        return written;
    }

    /// <summary>The same as a string, for what is written rarely.</summary>
    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny(Special) < 0)
        {
            return text;
        }

        return Encoding.UTF8.GetString(Bytes(text));
    }

    /// <summary>The same as an array, for what is written rarely.</summary>
    public static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Length(text)];
        Write(text, bytes);
        return bytes;
    }

    // Empty: the rune stands for itself.
    private static ReadOnlySpan<byte> Entity(Rune rune)
    {
        return rune.Value switch
        {
            '&' => "&amp;"u8,
            '<' => "&lt;"u8,
            '>' => "&gt;"u8,
            '"' => "&quot;"u8,
            '\t' => "&#9;"u8,
            '\n' => "&#10;"u8,
            '\r' => "&#13;"u8,
            < ' ' or 0xFFFE or 0xFFFF => "\uFFFD"u8,
            _ => [],
        };
    }

    private static string MakeSpecial()
    {
        var text = new StringBuilder("&<>\"\uFFFE\uFFFF");
        for (var c = 0; c < ' '; c++)
        {
            text.Append((char)c);
        }

        return text.ToString();
    }
}
