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
    /// <returns>False: nobody reads any more.</returns>
    public static ValueTask<bool> SendAsync(
        this HttpResponse response,
        ReadOnlyMemory<byte> bytes,
        bool more,
        CancellationToken cancellationToken
    )
    {
        if (bytes.Length > 0 && response.HttpContext.Features.Get<IFileOutput>() is { } output)
        {
            var sent = output.TrySend(response.BodyWriter, new FileLoan(null, 0, bytes, bytes.Length, null), more);
            if (sent == bytes.Length)
            {
                return ValueTask.FromResult(true);
            }

            bytes = bytes[Math.Max(0, sent)..];
        }

        return CopyAsync(response.BodyWriter, bytes, cancellationToken);
    }

    /// <summary>As <see cref="IFileOutput.TrySend(in FileLoan, bool)"/>, and tells the writer of the body.</summary>
    internal static int TrySend(this IFileOutput output, PipeWriter body, in FileLoan loan, bool more)
    {
        var sent = output.TrySend(loan, more);
        if (sent > 0)
        {
            if (!output.IsPlaceholder(body.GetMemory(sent)))
            {
                // Between the two Kestrel may have ended the response, since the client has left; then nobody counts its bytes any more.
                return output.IsOver ? -1 : throw new InvalidOperationException("Somebody else writes into this response.");
            }

            body.Advance(sent);
        }

        return sent;
    }

    private static async ValueTask<bool> CopyAsync(PipeWriter body, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > CopyLength)
        {
            if ((await body.WriteAsync(bytes[..CopyLength], cancellationToken)).IsCompleted)
            {
                return false;
            }

            bytes = bytes[CopyLength..];
        }

        return !(await body.WriteAsync(bytes, cancellationToken)).IsCompleted;
    }
}
