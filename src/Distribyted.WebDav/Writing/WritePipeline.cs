using Distribyted.FileSystem;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Distribyted.WebDav.Writing;

/// <summary>What all write requests share: the gate, conditions and locks, and how an outcome is answered.</summary>
internal sealed class WritePipeline(WriteGate gate, WriteConditions conditions, WebDavMetrics metrics, ILogger<WritePipeline> logger)
{
    /// <summary>Conditions and locks.</summary>
    public WriteConditions Conditions => conditions;

    /// <summary>Waits until no other write is under way.</summary>
    public ValueTask<WriteGate.Turn> EnterAsync(CancellationToken cancellationToken)
    {
        return gate.EnterAsync(cancellationToken);
    }

    /// <summary>Counts and logs the outcome of a write, and refuses where it was refused.</summary>
    /// <exception cref="WebDavException">The write did not take place.</exception>
    public void Complete(WebDavRequest request, WriteResult result)
    {
        metrics.Wrote(request.Method, result.Outcome);
        if (!result.Succeeded)
        {
            throw Refusal(request, result);
        }

        logger.Written(request.Method, request.Path, request.User ?? "anybody", result.Outcome);
    }

    /// <summary>An outcome as a refusal.</summary>
    public static WebDavException Refusal(WebDavRequest request, WriteResult result)
    {
        var status = WriteStatus.Of(result.Outcome);
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            request.Response.Headers.Allow = request.AllowOthers;
        }

        return new WebDavException(status, WriteStatus.ReasonOf(result));
    }

    /// <summary>Refuses names that cannot be shown: control characters.</summary>
    /// <exception cref="WebDavException">403.</exception>
    public static void RequireName(VirtualPath path)
    {
        if (path.Name.Any(char.IsControl))
        {
            throw new WebDavException(StatusCodes.Status403Forbidden, "A name may not have control characters.");
        }
    }

    /// <summary>Answers without a body.</summary>
    public static void Answer(WebDavRequest request, int status)
    {
        request.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent)
        {
            request.Response.ContentLength = 0;
        }
    }
}
