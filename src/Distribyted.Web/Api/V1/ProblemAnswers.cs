using System.Text.Json;
using Distribyted.BitTorrent.Swarms;
using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Distribyted.Http.Listeners;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Bodies;
using Distribyted.Web.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Api.V1;

/// <summary>Makes every failure below /api/v1 a problem document: what handlers throw, and statuses that came without a body.</summary>
internal sealed class ProblemAnswers(RequestDelegate next, ILogger<ProblemAnswers> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        return context.Request.Path.StartsWithSegments(ApiV1.Prefix, StringComparison.OrdinalIgnoreCase)
            ? AnswerAsync(context)
            : next(context);
    }

    public static Task SendAsync(HttpContext context, int status, string detail)
    {
        var problem = new ProblemDetails
        {
            Type = "about:blank",
            Title = ReasonPhrases.GetReasonPhrase(status),
            Status = status,
            Detail = detail,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiV1Json.Default.ProblemDetails);
        return Answer.SendAsync(context, status, "application/problem+json", body);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.PathBase.HasValue)
        {
            context.Response.OnStarting(static state => PutBelowAsync((HttpContext)state), context);
        }

        try
        {
            await next(context);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var (status, detail) = Describe(exception);
            if (status == StatusCodes.Status500InternalServerError)
            {
                logger.RequestFailed(context.Request.Method, context.Request.Path, exception);
            }

            context.Response.Clear();
            SecurityHeaders.Set(context.Response);
            await SendAsync(context, status, detail);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null } response)
        {
            await SendAsync(context, response.StatusCode, DescribeStatus(response.StatusCode));
        }
    }

    // Handlers name addresses of the API without the path below which a proxy serves it.
    private static Task PutBelowAsync(HttpContext context)
    {
        if (context.Response.Headers.Location.ToString() is var place && place.StartsWith(ApiV1.Prefix, StringComparison.Ordinal))
        {
            context.Response.Headers.Location = context.Request.PathBase.ToUriComponent() + place;
        }

        return Task.CompletedTask;
    }

    private static (int Status, string Detail) Describe(Exception exception)
    {
        return exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, DescribeBad(bad)),
            FileSystemException failure => (FailureStatus.Of(failure.Failure), failure.Message),
            TorrentException { Failure: TorrentFailure.Removed } => (StatusCodes.Status404NotFound, exception.Message),
            TorrentException or OperationCanceledException => (StatusCodes.Status503ServiceUnavailable, exception.Message),
            _ => (StatusCodes.Status500InternalServerError, "The server failed at this request; its log says why."),
        };
    }

    private static string DescribeBad(BadHttpRequestException bad)
    {
        return bad.StatusCode is StatusCodes.Status415UnsupportedMediaType or StatusCodes.Status413PayloadTooLarge
                ? DescribeStatus(bad.StatusCode)
            : bad.InnerException is JsonException json ? $"The body is not the JSON that is expected: {json.Message}"
            : bad.Message;
    }

    private static string DescribeStatus(int status)
    {
        return status switch
        {
            StatusCodes.Status413PayloadTooLarge => "The body has more bytes than are taken at this address.",
            StatusCodes.Status415UnsupportedMediaType => "The body is not of a type that this address takes. Send application/json.",
            _ => ReasonPhrases.GetReasonPhrase(status) + ".",
        };
    }
}
