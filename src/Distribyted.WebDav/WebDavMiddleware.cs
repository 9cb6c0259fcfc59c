using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Telemetry;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Distribyted.WebDav;

/// <summary>Method to handler, and every refusal to a status and a body: the one place where exceptions end.</summary>
internal sealed class WebDavMiddleware(
    WebDavMethods methods,
    IUserFileSystem trees,
    WebDavOptions options,
    WebDavMetrics metrics,
    ILogger<WebDavMiddleware> logger
)
{
    /// <summary>Answers a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // Bodies are bounded here, method by method; Kestrel's own limit (30,000,000 bytes) would cut uploads that are allowed.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        try
        {
            await HandleAsync(context);
        }
        catch (WebDavException e)
        {
            await RefuseAsync(context, e);
        }
        catch (FileSystemException e)
        {
            if (e.Failure == FileSystemFailure.Unavailable)
            {
                context.Response.Headers.RetryAfter = "10";
            }

            await RefuseAsync(context, new WebDavException(FailureStatus.Of(e.Failure), e.Message));
        }
        catch (BadHttpRequestException e)
        {
            // What follows on this connection cannot be told from the broken body.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            await RefuseAsync(context, new WebDavException(e.StatusCode, e.Message));
        }
        catch (Exception e)
            when (e is ConnectionResetException or ConnectionAbortedException
                || (context.RequestAborted.IsCancellationRequested && e is (OperationCanceledException or IOException))
            )
        {
            // The client went away.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.RequestFailed(e, context.Request.Method);
            await RefuseAsync(
                context,
                new WebDavException(StatusCodes.Status500InternalServerError, "The server made a mistake; its log says more.")
            );
        }
    }

    private Task HandleAsync(HttpContext context)
    {
        var handler = methods.Find(context.Request.Method);
        if (handler is null)
        {
            context.Response.Headers.Allow = string.Join(", ", WebDavMethods.Names);
            throw new WebDavException(StatusCodes.Status405MethodNotAllowed, $"There is no {context.Request.Method} here.");
        }

        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!RequestPath.TryParse(context.Request, "", out var target) || raw.Contains('#', StringComparison.Ordinal))
        {
            throw WebDavException.BadRequest("This is not a path of the tree.");
        }

        var request = new WebDavRequest(context, target, trees.For(context.User), options.ReadOnly, WebDavMethods.Names);
        return handler.HandleAsync(request, context.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext context, WebDavException refusal)
    {
        var method = context.Request.Method;
        // An unknown method is the client's text: it must not become a series of its own.
        metrics.Refused(methods.Find(method) is null ? "other" : method, refusal.Status);
        logger.Refused(method, refusal.Status, refusal.Message);
        if (context.Response.HasStarted)
        {
            context.Abort(); // a cut answer is seen; one that ends as if it were whole is not
            return;
        }

        await ErrorBody.SendAsync(context, refusal);
    }
}
