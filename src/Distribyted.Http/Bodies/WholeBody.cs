using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Bodies;

/// <summary>Sends an answer whose bytes are all there, with its length.</summary>
public static class WholeBody
{
    /// <summary>Sets status, type and length, and sends the body; to a HEAD it sends the head alone.</summary>
    /// <param name="context">The request; nothing of its answer was sent. Other headers are the caller's.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="contentType">Media type, with its charset if it has one.</param>
    /// <param name="body">May be empty.</param>
    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
