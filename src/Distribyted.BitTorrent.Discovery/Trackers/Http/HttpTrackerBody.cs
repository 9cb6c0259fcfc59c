using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Http;

/// <summary>Reads the body of a tracker's answer. Its bencoding shows where it ends: many trackers give a wrong
/// <c>Content-Length</c>, hang up early, or pack badly, and the peers are there all the same.</summary>
internal static class HttpTrackerBody
{
    /// <summary>Most bytes of an answer, unpacked. No more are ever held.</summary>
    public const int MaxLength = 2 * 1024 * 1024;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1); // after which a whole answer counts as complete

    /// <param name="response">Its body was not read yet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="deadline">Ends the reading; what came until then may be enough.</param>
    /// <param name="cancellationToken">Ends it for good.</param>
    /// <exception cref="ProtocolException">What came is no answer.</exception>
    /// <exception cref="InvalidDataException">What came cannot be unpacked.</exception>
    public static async Task<AnnounceResponse> ReadAsync(
        HttpResponseMessage response,
        TimeProvider time,
        CancellationToken deadline,
        CancellationToken cancellationToken
    )
    {
        var body = new byte[4096];
        var length = 0;
        InvalidDataException? badlyPacked = null;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            while (true)
            {
                var reading = stream.ReadAsync(body.AsMemory(length), deadline).AsTask();
                if (!reading.IsCompleted && !await MoreComesAsync(reading, body.AsMemory(0, length), time))
                {
                    break;
                }

                var read = await reading;
                if (read == 0)
                {
                    break;
                }

                length += read;
                if (length == MaxLength)
                {
                    throw new ProtocolException(ProtocolError.TooLarge, $"An answer of more than {MaxLength} bytes.");
                }

                if (length == body.Length)
                {
                    Array.Resize(ref body, Math.Min(MaxLength, length * 4));
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // It hung up.
        }
        catch (InvalidDataException e)
        {
            badlyPacked = e;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }

        try
        {
            return HttpAnnounce.Parse(body.AsSpan(0, length));
        }
        catch (ProtocolException) when (badlyPacked is not null)
        {
            throw badlyPacked;
        }
    }

    /// <summary>Waits for the next bytes; false: nothing has come for a while, and what is here is a whole answer.</summary>
    private static async Task<bool> MoreComesAsync(Task<int> reading, ReadOnlyMemory<byte> body, TimeProvider time)
    {
        while (true)
        {
            try
            {
                await reading.WaitAsync(Quiet, time);
                return true;
            }
            catch (TimeoutException) when (!reading.IsFaulted)
            {
                // Bytes may have come in the moment the time was over: then they are read.
                if (!reading.IsCompleted && HttpAnnounce.IsWhole(body.Span))
                {
                    _ = reading.ContinueWith(static done => done.Exception, TaskScheduler.Default); // the connection ends it
                    return false;
                }
            }
        }
    }
}
