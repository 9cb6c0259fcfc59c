namespace Distribyted.BitTorrent.Discovery.Trackers.Http;

/// <summary>Which lines of a response's head an HTTP client can be given. Pure.</summary>
internal static class HttpHeadRepair
{
    /// <summary>Where the head ends: the index behind its empty line; -1: it is not all here.</summary>
    public static int EndOf(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (bytes[at..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = bytes.Slice(at, length);
            at += length + 1;
            if (line is [] or [(byte)'\r'])
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Removes lines from a head that are no headers (RFC 9112 section 5), in place.</summary>
    /// <returns>The head's new length.</returns>
    public static int RemoveBadLines(Span<byte> head)
    {
        var (from, to, kept) = (0, 0, true);
        while (from < head.Length)
        {
            var newLine = head[from..].IndexOf((byte)'\n');
            var length = newLine < 0 ? head.Length - from : newLine + 1;
            var line = head.Slice(from, length);
            kept = from == 0 || (line[0] is (byte)' ' or (byte)'\t' ? kept && from > 0 : IsHeader(line.TrimEnd("\r\n"u8)));
            if (kept)
            {
                line.CopyTo(head[to..]);
                to += length;
            }

            from += length;
        }

        return to;
    }

    private static bool IsHeader(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return true; // the end
        }

        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
        {
            return false;
        }

        foreach (var c in line[..colon])
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && !"!#$%&'*+-.^_`|~"u8.Contains(c))
            {
                return false;
            }
        }

        var value = line[(colon + 1)..].Trim(" \t"u8);
        var isLength = line[..colon].Length == 14 && System.Text.Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8);
        return value.IndexOfAnyInRange((byte)0, (byte)8) < 0
            && value.IndexOfAnyInRange((byte)10, (byte)31) < 0
            && (!isLength || (value.Length is > 0 and < 19 && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0));
    }
}
