using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;

namespace Distribyted.WebDav.Handlers;

/// <summary>Answers one method. A singleton; refusals are thrown as <see cref="WebDavException"/>.</summary>
internal interface IWebDavHandler
{
    /// <summary>Answers a request.</summary>
    Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken);
}
