using System.Buffers;
using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.Http.Paths;

/// <summary>Paths as we write them into answers: every byte of UTF-8 but <c>A-Z a-z 0-9 - . _ ~</c> as upper-case <c>%XX</c> (RFC 3986 section 2.3).
/// The one spelling that every client reads back as the same name.</summary>
public static class Href
{
    private const ulong UnreservedLow = 0x03FF_6000_0000_0000; // - . 0-9
    private const ulong UnreservedHigh = 0x47FF_FFFE_87FF_FFFE; // A-Z _ a-z ~

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
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c < 0x80)
            {
                length += IsUnreserved(c) ? 1 : 3;
                continue;
            }

            Rune.DecodeFromUtf16(name[i..], out var rune, out var taken); // half a character: U+FFFD
            length += 3 * rune.Utf8SequenceLength;
            i += taken - 1;
        }

        return length;
    }

    /// <summary>Writes a name escaped, as ASCII.</summary>
    /// <param name="name">The name.</param>
    /// <param name="destination">At least <see cref="EscapedLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<char> name, Span<byte> destination)
    {
        var written = 0;
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c < 0x80)
            {
                if (IsUnreserved(c))
                {
                    destination[written++] = (byte)c;
                }
                else
                {
                    written = EscapeByte((byte)c, destination, written);
                }

                continue;
            }

            Rune.DecodeFromUtf16(name[i..], out var rune, out var taken);
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                written = EscapeByte(b, destination, written);
            }

            i += taken - 1;
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

    private static int EscapeByte(byte b, Span<byte> destination, int at)
    {
        destination[at] = (byte)'%';
        destination[at + 1] = "0123456789ABCDEF"u8[b >> 4];
        destination[at + 2] = "0123456789ABCDEF"u8[b & 15];
        return at + 3;
    }

    // A bit for each of 128 characters: names alternate between kinds every few letters, too often for a vector search.
    private static bool IsUnreserved(char c)
    {
        return ((c < 64 ? UnreservedLow : UnreservedHigh) >> (c & 63) & 1) != 0;
    }
}
