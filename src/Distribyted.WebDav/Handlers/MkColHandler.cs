using Distribyted.FileSystem;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>MKCOL (RFC 4918 section 9.3), without a body: RFC 5689 is not spoken.</summary>
internal sealed class MkColHandler(WritePipeline pipeline) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var files = request.RequireWritable();
        if (await RequestBody.IsThereAsync(request.Context, cancellationToken))
        {
            throw new WebDavException(StatusCodes.Status415UnsupportedMediaType, "A folder is made without a body.");
        }

        using (await pipeline.EnterAsync(cancellationToken))
        {
            var entry = await request.FindAsync(cancellationToken);
            await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
            if (entry is not null)
            {
                throw WritePipeline.Refusal(request, new WriteResult(WriteOutcome.Exists));
            }

            WritePipeline.RequireName(request.Path);
            pipeline.Conditions.RequireUnlocked(request, request.Path);
            pipeline.Conditions.RequireUnlockedFolder(request, request.Path);
            var result = await files.MakeDirectoryAsync(request.Path, cancellationToken);
            pipeline.Complete(request, result);
            WritePipeline.Answer(request, StatusCodes.Status201Created);
        }
    }
}
