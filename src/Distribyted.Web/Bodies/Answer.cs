using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Distribyted.Http.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Bodies;

/// <summary>Sends a whole body that is never kept by a cache nor guessed to be of another type.</summary>
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

    public static Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return WholeBody.SendAsync(context, status, contentType, body);
    }
}
