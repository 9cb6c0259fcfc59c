using System.IO.Pipelines;
using Distribyted.FileSystem;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Transport;

/// <summary>Sends bytes from where they lie.</summary>
public static class BodyMemory
{
    private const int CopyLength = 64 * 1024;

    /// <summary>Sends bytes of a body; waits while the client is slow. Where the connection takes them they are not copied.</summary>
    /// <param name="response">Has its Content-Length, and was started.</param>
    /// <param name="bytes">Not touched any more when this has ended.</param>
    /// <param name="more">Others follow at once.</param>
    /// <param name="cancellationToken">Gives up; the connection cannot be used any more then.</param>
    /// <returns>False: the client no longer reads, and the request is aborted.</returns>
    public static ValueTask<bool> SendAsync(
        this HttpResponse response,
        ReadOnlyMemory<byte> bytes,
        bool more,
        CancellationToken cancellationToken
    )
    {
        if (bytes.Length > 0 && response.HttpContext.Features.Get<IFileOutput>() is { } output)
        {
            var sent = output.TrySend(response.BodyWriter, new PinnedBytes(null, 0, bytes, bytes.Length, null), more);
            if (sent == bytes.Length)
            {
                return ValueTask.FromResult(true);
            }

            if (output.IsOver)
            {
                response.HttpContext.Abort(); // Kestrel may not know yet, and would miss the rest of the promised length
                return ValueTask.FromResult(false);
            }

            bytes = bytes[Math.Max(0, sent)..];
        }

        return CopyAsync(response, bytes, cancellationToken);
    }

    /// <summary>As <see cref="IFileOutput.TrySend(in PinnedBytes, bool)"/>, and tells the writer of the body.</summary>
    internal static int TrySend(this IFileOutput output, PipeWriter body, in PinnedBytes pinned, bool more)
    {
        var sent = output.TrySend(pinned, more);
        if (sent > 0)
        {
            if (!output.IsPlaceholder(body.GetMemory(sent)))
            {
                // Kestrel has ended the response in between, since the client has closed the connection: clients do so as soon as they have the last byte.
                // No flag says so yet. Should other code have written into this response, then it cannot be mended either.
                output.Cut();
                return -1;
            }

            body.Advance(sent);
        }

        return sent;
    }

    private static async ValueTask<bool> CopyAsync(HttpResponse response, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        FlushResult result;
        do
        {
            var piece = bytes[..Math.Min(bytes.Length, CopyLength)];
            result = await response.BodyWriter.WriteAsync(piece, cancellationToken);
            bytes = bytes[piece.Length..];
        } while (bytes.Length > 0 && !result.IsCompleted);

        if (result.IsCompleted)
        {
            response.HttpContext.Abort();
        }

        return !result.IsCompleted;
    }
}
