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
}
