using System.Text.Json;
using Distribyted.FileSystem;
using Distribyted.Web.Api.Contracts;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Distribyted.Web.Api;

/// <summary>What went wrong: a status, and words that say what was asked, what stopped it and what to try.</summary>
internal sealed record Problem(int Status, string Detail);

/// <summary>Errors as RFC 9457 problem documents that also carry the <c>error</c> field of the Go program.</summary>
internal static class Problems
{
    public static Task SendAsync(HttpContext context, Problem problem)
    {
        var view = new ProblemView(
            "about:blank",
            ReasonPhrases.GetReasonPhrase(problem.Status),
            problem.Status,
            problem.Detail,
            problem.Detail
        );
        var body = JsonSerializer.SerializeToUtf8Bytes(view, ApiJson.Default.ProblemView);
        return Answer.SendAsync(context, problem.Status, "application/problem+json", body);
    }

    /// <summary>405, with what the address does take (RFC 9110 section 15.5.6).</summary>
    public static Task MethodNotAllowedAsync(HttpContext context, string allow)
    {
        context.Response.Headers.Allow = allow;
        var detail = $"There is no {context.Request.Method} at this address, only {allow}.";
        return SendAsync(context, new Problem(StatusCodes.Status405MethodNotAllowed, detail));
    }

    /// <summary>A refused write of the library, with the status that the old API has for it.</summary>
    public static Problem From(WriteResult result)
    {
        var detail = result.Reason ?? $"The library answered {result.Outcome}.";
        return result.Outcome switch
        {
            WriteOutcome.TooLarge => new Problem(StatusCodes.Status413PayloadTooLarge, detail),
            WriteOutcome.NoSpace => new Problem(StatusCodes.Status507InsufficientStorage, detail),
            _ => new Problem(StatusCodes.Status400BadRequest, detail),
        };
    }
}
