using System.Buffers;
using Distribyted.WebDav.Errors;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Xml;

/// <summary>Reads the XML body of a request, whole: it is small, or it is refused.</summary>
internal static class RequestBody
{
    /// <summary>Reads it.</summary>
    /// <exception cref="WebDavException">413 for more than <see cref="DavXmlReader.MaxBytes"/>.</exception>
    public static async ValueTask<ArraySegment<byte>> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var length = context.Request.ContentLength;
        if (length == 0)
        {
            return ArraySegment<byte>.Empty;
        }

        if (length > DavXmlReader.MaxBytes)
        {
            throw TooLong();
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.Buffer.Length > DavXmlReader.MaxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                throw TooLong();
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Whether there is a body at all, without reading all of it.</summary>
    public static async ValueTask<bool> IsThereAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Request.ContentLength is { } length)
        {
            return length > 0;
        }

        var result = await context.Request.BodyReader.ReadAsync(cancellationToken);
        context.Request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        return !result.Buffer.IsEmpty;
    }

    private static WebDavException TooLong()
    {
        return new WebDavException(StatusCodes.Status413PayloadTooLarge, $"An XML body may have {DavXmlReader.MaxBytes} bytes.");
    }
}
