using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Authentication;

/// <summary>How an endpoint words refusals of the sign-in. As metadata of the endpoint; without it they are plain text.</summary>
public interface IRefusalBody
{
    /// <summary>Sends the body. Headers of the challenge are set already.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">401, 403, 421 or 429.</param>
    /// <param name="text">A sentence or two for users.</param>
    Task SendAsync(HttpContext context, int status, string text);
}
