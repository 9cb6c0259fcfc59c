using System.Buffers;
using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.Http.Paths;

/// <summary>Paths as we write them into answers: every byte of UTF-8 but <c>A-Z a-z 0-9 - . _ ~</c> as upper-case <c>%XX</c> (RFC 3986 section 2.3).
/// The one spelling that every client reads back as the same name.</summary>
public static class Href
{
    private static readonly SearchValues<char> Unreserved = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    );

    /// <summary>A whole path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isDirectory">Whether it ends in a slash.</param>
    /// <param name="prefix">What stands before the tree, escaped and without trailing slash; empty: nothing.</param>
    public static string Of(VirtualPath path, bool isDirectory, string prefix = "")
    {
        if (path.IsRoot)
        {
            return prefix + "/";
        }

        var text = new StringBuilder(prefix);
        foreach (var range in path.Value.AsSpan(1).Split('/'))
        {
            text.Append('/').Append(Segment(path.Value[1..][range]));
        }

        return isDirectory ? text.Append('/').ToString() : text.ToString();
    }

    /// <summary>One name. The same string when nothing needs escaping.</summary>
    public static string Segment(string name)
    {
        var length = EscapedLength(name);
        return length == name.Length ? name : string.Create(length, name, static (span, text) => Write(text, span));
    }

    /// <summary>Length of <see cref="Segment"/> in bytes, without making it.</summary>
    public static int EscapedLength(ReadOnlySpan<char> name)
    {
        var at = name.IndexOfAnyExcept(Unreserved);
        if (at < 0)
        {
            return name.Length;
        }

        var length = at;
        foreach (var rune in name[at..].EnumerateRunes())
        {
            length += IsUnreserved(rune) ? 1 : 3 * rune.Utf8SequenceLength;
        }

        return length;
    }

    /// <summary>Writes a name escaped, as ASCII.</summary>
    /// <param name="name">The name.</param>
    /// <param name="destination">At least <see cref="EscapedLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<char> name, Span<byte> destination)
    {
        var at = name.IndexOfAnyExcept(Unreserved);
        if (at < 0)
        {
            return Encoding.ASCII.GetBytes(name, destination);
        }

        var written = Encoding.ASCII.GetBytes(name[..at], destination);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in name[at..].EnumerateRunes())
        {
            if (IsUnreserved(rune))
            {
                destination[written++] = (byte)rune.Value;
                continue;
            }

            var count = rune.EncodeToUtf8(bytes);
            foreach (var b in bytes[..count])
            {
                destination[written++] = (byte)'%';
                destination[written++] = Digit(b >> 4);
                destination[written++] = Digit(b & 15);
            }
        }

        return written;
    }

    private static void Write(ReadOnlySpan<char> name, Span<char> destination)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(destination.Length);
        var written = Escape(name, bytes);
        Encoding.ASCII.GetChars(bytes.AsSpan(0, written), destination);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static bool IsUnreserved(Rune rune)
    {
        return rune.Value < 0x80 && Unreserved.Contains((char)rune.Value);
    }

    private static byte Digit(int value)
    {
        return (byte)(value < 10 ? '0' + value : 'A' + value - 10);
    }
}
