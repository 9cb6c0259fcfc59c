using Distribyted.FileSystem;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Http.Files;

/// <summary>If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since and If-Range, in the order of RFC 9110 section 13.2.2.</summary>
/// <remarks>They hold for every method, and before anything else is done. A date that cannot be read is a header that was not sent (section 13.1.3).</remarks>
public static class Preconditions
{
    /// <summary>Evaluates the conditions of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entry">What is at the path; null when nothing is there.</param>
    public static PreconditionOutcome Evaluate(HttpRequest request, FileEntry? entry)
    {
        var headers = request.Headers;
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var ifMatch = headers.IfMatch;
        if (ifMatch.Count > 0)
        {
            if (!Names(ifMatch, entry, weak: false))
            {
                return PreconditionOutcome.Failed;
            }
        }
        else if (entry is not null && TryDate(headers.IfUnmodifiedSince, out var unmodified) && Seconds(entry.Modified) > unmodified)
        {
            return PreconditionOutcome.Failed;
        }

        var ifNoneMatch = headers.IfNoneMatch;
        if (ifNoneMatch.Count > 0)
        {
            if (Names(ifNoneMatch, entry, weak: true))
            {
                return reads ? PreconditionOutcome.NotModified : PreconditionOutcome.Failed;
            }
        }
        else if (
            reads
            && entry is { IsDirectory: false }
            && TryDate(headers.IfModifiedSince, out var since)
            && Seconds(entry.Modified) <= since
        )
        {
            return PreconditionOutcome.NotModified;
        }

        return PreconditionOutcome.Proceed;
    }

    /// <summary>Whether Range holds (RFC 9110 section 13.1.5): no If-Range, or one that names exactly these bytes. Weak tags never do.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entry">The file.</param>
    /// <param name="now">A date younger than a second names nothing: a second change would look the same (section 8.8.2.2).</param>
    public static bool RangeHolds(HttpRequest request, FileEntry entry, DateTimeOffset now)
    {
        var header = request.Headers.IfRange;
        if (header.Count == 0)
        {
            return true;
        }

        var text = header.ToString().Trim();
        if (text is ['"', .., '"'])
        {
            return entry.ETag.Length > 0 && text.AsSpan(1, text.Length - 2).SequenceEqual(entry.ETag);
        }

        return TryDate(header, out var date) && Seconds(entry.Modified) == date && date < Seconds(now);
    }

    /// <summary>The time as a header can say it: whole seconds.</summary>
    internal static DateTimeOffset Seconds(DateTimeOffset time)
    {
        return new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }

    private static bool Names(StringValues header, FileEntry? entry, bool weak)
    {
        var text = header.ToString(); // lines joined by commas
        if (text.AsSpan().Trim() is "*")
        {
            return entry is not null;
        }

        return entry is not null && EntityTags.Matches(text, entry.ETag, weak);
    }

    private static bool TryDate(StringValues header, out DateTimeOffset date)
    {
        date = default;
        return header.Count == 1 && HeaderUtilities.TryParseDate(header[0], out date) && date.Offset == TimeSpan.Zero;
    }
}
