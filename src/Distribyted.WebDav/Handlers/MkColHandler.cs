using Distribyted.FileSystem;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>MKCOL (RFC 4918 section 9.3), without a body: RFC 5689 is not spoken.</summary>
internal sealed class MkColHandler(Writer writer) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        if (await RequestBody.IsThereAsync(request.Context, cancellationToken))
        {
            throw new WebDavException(StatusCodes.Status415UnsupportedMediaType, "A folder is made without a body.");
        }

        using (await writer.EnterAsync(cancellationToken))
        {
            var entry = await request.FindAsync(cancellationToken);
            await writer.Conditions.CheckAsync(request, entry, cancellationToken);
            if (entry is not null)
            {
                throw Writer.Refusal(request, new WriteResult(WriteOutcome.Exists));
            }

            Writer.RequireName(request.Path);
            writer.Conditions.RequireUnlocked(request, request.Path);
            writer.Conditions.RequireUnlockedFolder(request, request.Path);
            var result = await files.MakeDirectoryAsync(request.Path, cancellationToken);
            writer.Settle(request, result);
            Writer.Answer(request, StatusCodes.Status201Created);
        }
    }
}
