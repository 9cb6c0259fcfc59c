namespace Distribyted.Http.Files;

/// <summary>What a Range header asks of a file.</summary>
internal enum RangeVerdict
{
    /// <summary>The header is absent, malformed, in another unit, or too much: send the whole file with 200.</summary>
    Whole,

    /// <summary>206.</summary>
    Partial,

    /// <summary>416 with <c>bytes */n</c>.</summary>
    Unsatisfiable,
}

/// <summary>The Range header (RFC 9110 section 14).</summary>
/// <remarks>Ranges that touch or overlap are sent as one, in the place of the first; so no answer is longer than the file and its part headers
/// (CVE-2011-3192). More than <see cref="MaxParts"/> that remain: the whole file.</remarks>
internal static class ByteRanges
{
    /// <summary>Most parts of one answer.</summary>
    public const int MaxParts = 16;

    // A header of 32 KiB could name ten thousand ranges; merging them is quadratic.
    private const int MaxSpecs = 256;

    /// <summary>Reads a header.</summary>
    /// <param name="header">Its value; null if there is none.</param>
    /// <param name="length">Bytes of the file. Nothing can be a part of an empty file: it is sent whole.</param>
    /// <param name="first">The first or only range, when the verdict is <see cref="RangeVerdict.Partial"/>.</param>
    /// <param name="all">All of them when there is more than one; else null.</param>
    /// <param name="openEnded">Whether the only range goes to the end because it named none: how much the client really wants is not known.</param>
    public static RangeVerdict Read(string? header, long length, out ByteRange first, out List<ByteRange>? all, out bool openEnded)
    {
        first = default;
        all = null;
        openEnded = false;
        if (header is null || length == 0 || !TryUnit(header, out var rest))
        {
            return RangeVerdict.Whole;
        }

        var specs = 0;
        foreach (var part in rest.Split(','))
        {
            var spec = rest[part].Trim([' ', '\t']);
            if (spec.IsEmpty)
            {
                continue; // RFC 9110 section 5.6.1: empty list elements are nothing
            }

            if (++specs > MaxSpecs || !TrySpec(spec, length, out var range, out var open))
            {
                all = null;
                return RangeVerdict.Whole;
            }

            if (range.Length == 0)
            {
                continue;
            }

            if (first.Length == 0)
            {
                (first, openEnded) = (range, open);
                continue;
            }

            openEnded = false;
            all ??= [first];
            Merge(all, range);
        }

        if (specs == 0)
        {
            return RangeVerdict.Whole;
        }

        if (first.Length == 0)
        {
            return RangeVerdict.Unsatisfiable;
        }

        if (all is null)
        {
            return RangeVerdict.Partial;
        }

        first = all[0];
        if (all.Count > MaxParts)
        {
            all = null;
            return RangeVerdict.Whole;
        }

        all = all.Count == 1 ? null : all;
        return RangeVerdict.Partial;
    }

    private static bool TryUnit(string header, out ReadOnlySpan<char> rest)
    {
        rest = header.AsSpan().Trim([' ', '\t']);
        if (!rest.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        rest = rest[6..];
        return true;
    }

    // "5-9", "5-", "-5". An empty result is well-formed but not in the file.
    private static bool TrySpec(ReadOnlySpan<char> spec, long length, out ByteRange range, out bool open)
    {
        range = default;
        open = false;
        var dash = spec.IndexOf('-');
        if (dash < 0)
        {
            return false;
        }

        if (dash == 0)
        {
            if (!TryNumber(spec[1..], out var suffix))
            {
                return false;
            }

            var count = Math.Min(suffix, length);
            range = new ByteRange(length - count, count);
            return true;
        }

        if (!TryNumber(spec[..dash], out var from))
        {
            return false;
        }

        var last = long.MaxValue;
        open = dash == spec.Length - 1;
        if (!open && (!TryNumber(spec[(dash + 1)..], out last) || last < from))
        {
            return false;
        }

        range = from >= length ? default : new ByteRange(from, Math.Min(last, length - 1) - from + 1);
        return true;
    }

    // Digits only; what is beyond 2^63 - 1 is beyond every file and stays there.
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = number > (long.MaxValue - 9) / 10 ? long.MaxValue : (number * 10) + (c - '0');
        }

        return !text.IsEmpty;
    }

    // The ranges do not touch each other. So what an added one touches after it grew, it touched before: one pass finds all.
    private static void Merge(List<ByteRange> ranges, ByteRange added)
    {
        var place = ranges.Count;
        for (var i = ranges.Count - 1; i >= 0; i--)
        {
            var other = ranges[i];
            if (added.Offset > other.Last + 1 || other.Offset > added.Last + 1)
            {
                continue;
            }

            var offset = Math.Min(added.Offset, other.Offset);
            added = new ByteRange(offset, Math.Max(added.Last, other.Last) - offset + 1);
            ranges.RemoveAt(i);
            place = i;
        }

        ranges.Insert(place, added);
    }
}
