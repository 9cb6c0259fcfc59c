using System.Net;
using System.Net.Http.Headers;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>The files of a torrent on one web server (BEP 19): opens parts of them, and says what is wrong with the answers. Safe for use by many threads.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="seed">The address of the web seed.</param>
/// <param name="info">The torrent.</param>
/// <param name="clock">The engine's clock.</param>
internal sealed class WebSeedFiles(OutgoingClient client, Uri seed, TorrentInfo info, MonotonicClock clock)
{
    private const long SmallFile = 4 << 20; // a server without ranges sends all of it each time
    private const long RememberedFor = 300 * MonotonicClock.Second;
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    private readonly WebSeedUrls _urls = new(seed, info);
    private readonly Dictionary<int, (Uri Uri, long Until)> _redirected = []; // itself the lock

    /// <summary>Asks for a part of a file.</summary>
    /// <returns>The answer, and its body from the first byte of the part on.</returns>
    /// <exception cref="FileMissingException">The server does not have this file.</exception>
    /// <exception cref="WebSeedException">It does not give what was asked.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="HttpRequestException">No connection, or no HTTP.</exception>
    public async Task<(OutgoingAnswer Answer, Stream Body)> OpenAsync(WebSeedPart part, CancellationToken cancellationToken)
    {
        var place = _urls.Of(part.File) ?? throw new FileMissingException(part.File, "a file of this name has no address");
        if (Remembered(part.File) is { } redirected)
        {
            var shortcut = await client.GetAsync(redirected, RangeOf(part), cancellationToken);
            if (shortcut.Response.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.OK)
            {
                return await ReadHeadAsync(shortcut, part, cancellationToken);
            }

            shortcut.Dispose(); // such addresses are often good for a while only
            Forget(part.File);
        }

        var answer = await client.GetAsync(place, RangeOf(part), cancellationToken);
        if (answer.From != place)
        {
            Remember(part.File, answer.From);
        }

        return await ReadHeadAsync(answer, part, cancellationToken);
    }

    private async Task<(OutgoingAnswer Answer, Stream Body)> ReadHeadAsync(
        OutgoingAnswer answer,
        WebSeedPart part,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var skip = Check(answer.Response, part);
            var body = await answer.Response.Content.ReadAsStreamAsync(cancellationToken);
            await SkipAsync(body, skip, cancellationToken);
            return (answer, body);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Checks the head of an answer.</summary>
    /// <returns>Bytes of the body before the part.</returns>
    private long Check(HttpResponseMessage response, WebSeedPart part)
    {
        var status = (int)response.StatusCode;
        var content = response.Content.Headers;
        switch (status)
        {
            case 200 or 206 when content.ContentEncoding.Any(static c => !c.Equals("identity", StringComparison.OrdinalIgnoreCase)):
                throw new WebSeedException("sends compressed content", isFinal: true);
            case 206:
                CheckRange(content.ContentRange, part);
                return 0;
            case 200:
                CheckLength(content.ContentLength, part.File);
                return info.Files[part.File].Length <= SmallFile
                    ? part.Offset
                    : throw new WebSeedException("sends whole files instead of ranges", isFinal: true);
            case 401 or 403 or 404 or 410 or 416 or 451:
                throw new FileMissingException(part.File, $"does not give the file (HTTP {status})");
            default:
                var isFinal = status is not (408 or 425 or 429 or >= 500);
                throw new WebSeedException($"answers HTTP {status}", isFinal, RetryIn(response.Headers.RetryAfter));
        }
    }

    private void CheckRange(ContentRangeHeaderValue? range, WebSeedPart part)
    {
        if (range is not { HasRange: true, Unit: "bytes" } || range.From != part.Offset)
        {
            throw new WebSeedException("answers with other bytes than were requested (Content-Range)", isFinal: true);
        }

        CheckLength(range.HasLength ? range.Length : null, part.File);
        if (range.To < part.Offset + part.Length - 1)
        {
            throw new WebSeedException("answers with fewer bytes than were requested", isFinal: false);
        }
    }

    private void CheckLength(long? length, int file)
    {
        if (length is { } there && there != info.Files[file].Length)
        {
            throw new FileMissingException(file, $"has another file there: of {there} bytes, not {info.Files[file].Length}");
        }
    }

    private TimeSpan? RetryIn(RetryConditionHeaderValue? header)
    {
        var wanted = header?.Delta ?? (header?.Date is { } date ? date - clock.Time.GetUtcNow() : null);
        return wanted is not { } time ? null
            : time < TimeSpan.Zero ? TimeSpan.Zero
            : time > LongestRetry ? LongestRetry
            : time;
    }

    private static RangeHeaderValue RangeOf(WebSeedPart part)
    {
        return new RangeHeaderValue(part.Offset, part.Offset + part.Length - 1);
    }

    private static async Task SkipAsync(Stream body, long bytes, CancellationToken cancellationToken)
    {
        var buffer = bytes > 0 ? new byte[16 * 1024] : [];
        while (bytes > 0)
        {
            var count = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellationToken);
            if (count == 0)
            {
                throw new WebSeedException("its answer ends too early", isFinal: false);
            }

            bytes -= count;
        }
    }

    private Uri? Remembered(int file)
    {
        lock (_redirected)
        {
            return _redirected.TryGetValue(file, out var place) && clock.Now < place.Until ? place.Uri : null;
        }
    }

    private void Remember(int file, Uri uri)
    {
        lock (_redirected)
        {
            _redirected[file] = (uri, clock.Now + RememberedFor);
        }
    }

    private void Forget(int file)
    {
        lock (_redirected)
        {
            _redirected.Remove(file);
        }
    }
}
