using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Bodies;

/// <summary>Sends a whole body of known length.</summary>
internal static class Answer
{
    private static readonly byte[] Null = "null"u8.ToArray();

    public static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        return SendAsync(context, status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(value, type));
    }

    /// <summary>200 <c>null</c>: what the Go program answers to a change that worked.</summary>
    public static Task NullAsync(HttpContext context)
    {
        return SendAsync(context, StatusCodes.Status200OK, "application/json; charset=utf-8", Null);
    }

    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
