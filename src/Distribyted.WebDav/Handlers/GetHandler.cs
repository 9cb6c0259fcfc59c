using Distribyted.Http.Files;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;

namespace Distribyted.WebDav.Handlers;

/// <summary>GET and HEAD: a file is sent by Distribyted.Http, a folder is a page for browsers. Both spellings of a folder, never a redirect: Windows does not follow one.</summary>
internal sealed class GetHandler(WriteConditions conditions) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var found = await request.LocateAsync(cancellationToken) ?? throw WebDavException.NotFound(request.Path);
        var entry = found.Entry;

        if (request.If is not null)
        {
            await conditions.CheckIfAsync(request, entry, cancellationToken);
        }

        if (!entry.IsDirectory)
        {
            await FileResponse.SendAsync(request.Context, request.Files, request.Path, found);
            return;
        }

        if (Preconditions.Evaluate(request.Context.Request, entry) == PreconditionOutcome.Failed)
        {
            throw WriteConditions.Failed();
        }

        var listing = await request.Files.ListAsync(request.Path, cancellationToken) ?? throw WebDavException.NotFound(request.Path);
        await DirectoryPage.SendAsync(request.Context, request.Path, listing);
    }
}
