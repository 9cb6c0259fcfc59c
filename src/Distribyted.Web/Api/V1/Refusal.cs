using Distribyted.FileSystem;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Distribyted.Web.Api.V1;

/// <summary>Refusals of handlers as problem documents (RFC 9457).</summary>
internal static class Refusal
{
    public static ProblemHttpResult Bad(string detail)
    {
        return Of(StatusCodes.Status400BadRequest, detail);
    }

    public static ProblemHttpResult NotFound(string detail)
    {
        return Of(StatusCodes.Status404NotFound, detail);
    }

    public static ProblemHttpResult Of(int status, string detail)
    {
        return TypedResults.Problem(detail, statusCode: status);
    }

    /// <summary>A change that the library refused.</summary>
    public static ProblemHttpResult From(WriteResult result)
    {
        var status = result.Outcome switch
        {
            WriteOutcome.NotFound or WriteOutcome.NoParent => StatusCodes.Status404NotFound,
            WriteOutcome.Invalid or WriteOutcome.Unsupported => StatusCodes.Status422UnprocessableEntity,
            WriteOutcome.TooLarge => StatusCodes.Status413PayloadTooLarge,
            WriteOutcome.NoSpace => StatusCodes.Status507InsufficientStorage,
            _ => StatusCodes.Status409Conflict,
        };
        return Of(status, result.Reason ?? $"The library answered {result.Outcome}.");
    }
}
