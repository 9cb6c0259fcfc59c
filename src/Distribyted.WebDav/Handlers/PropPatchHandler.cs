using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http.Paths;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Writing;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Handlers;

/// <summary>PROPPATCH (RFC 4918 section 9.2): all changes or none. Refusals of properties are 207, never a plain 403: Windows says "cannot be accessed" to that.</summary>
internal sealed class PropPatchHandler(WritePipeline pipeline) : IWebDavHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var update = PropertyUpdate.Parse(await RequestBody.ReadAsync(request.Context, cancellationToken));
        string answer;
        if (request.MayChange(request.Path))
        {
            using (await pipeline.EnterAsync(cancellationToken))
            {
                answer = await ChangeAsync(request, update, cancellationToken);
            }
        }
        else
        {
            var entry = await FindAsync(request, cancellationToken);
            answer = Format(request, entry, update, _ => StatusCodes.Status403Forbidden, request.WhyReadOnly);
        }

        await XmlAnswer.SendAsync(request.Context, StatusCodes.Status207MultiStatus, answer);
    }

    private async Task<string> ChangeAsync(WebDavRequest request, PropertyUpdate update, CancellationToken cancellationToken)
    {
        var entry = await FindAsync(request, cancellationToken);
        pipeline.Conditions.RequireUnlocked(request, request.Path);
        if (update.Changes.Any(IsProtected))
        {
            return Format(
                request,
                entry,
                update,
                change => IsProtected(change) ? StatusCodes.Status403Forbidden : StatusCodes.Status424FailedDependency,
                "The server computes this property."
            );
        }

        var result = await request.RequireWritable().SetPropertiesAsync(request.Path, update.Changes, cancellationToken);
        var status = result.Succeeded ? StatusCodes.Status200OK : WriteStatus.Of(result.Outcome);
        return Format(request, entry, update, _ => status, result.Succeeded ? null : WriteStatus.ReasonOf(result));
    }

    private async ValueTask<FileEntry> FindAsync(WebDavRequest request, CancellationToken cancellationToken)
    {
        var entry = await request.FindAsync(cancellationToken) ?? throw WebDavException.NotFound(request.Path);
        await pipeline.Conditions.CheckAsync(request, entry, cancellationToken);
        return entry;
    }

    private static bool IsProtected(DeadProperty change)
    {
        return LiveProperties.Find(new DavName(change.Namespace, change.Name)) is not null;
    }

    private static string Format(
        WebDavRequest request,
        FileEntry entry,
        PropertyUpdate update,
        Func<DeadProperty, int> statusOf,
        string? reason
    )
    {
        var text = new StringBuilder(XmlText.MultiStatusStart + "<D:response><D:href>");
        text.Append(XmlText.Escape(Href.Of(request.Path, entry.IsDirectory))).Append("</D:href>");
        foreach (var group in update.Changes.GroupBy(statusOf))
        {
            text.Append("<D:propstat><D:prop>");
            foreach (var name in group.Select(change => new DavName(change.Namespace, change.Name)).Distinct())
            {
                text.Append(EntryTemplate.Empty(name));
            }

            text.Append("</D:prop>").Append(StatusList.Status(group.Key));
            if (group.Key == StatusCodes.Status403Forbidden && group.Any(IsProtected))
            {
                text.Append("<D:error><D:cannot-modify-protected-property/></D:error>");
            }

            if (reason is not null && group.Key != StatusCodes.Status424FailedDependency)
            {
                text.Append("<D:responsedescription>").Append(XmlText.Escape(reason)).Append("</D:responsedescription>");
            }

            text.Append("</D:propstat>");
        }

        return text.Append("</D:response></D:multistatus>\n").ToString();
    }
}
