using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api;

/// <summary>GET and HEAD of <c>/fs/...</c>: the same tree and the same answers as a GET at the WebDAV listener.</summary>
internal sealed class FilesApi(WebOptions options, IUserFileSystem users)
{
    private const string Prefix = "/fs";

    public async Task GetAsync(HttpContext context)
    {
        if (!options.HttpFs)
        {
            await Problems.SendAsync(
                context,
                new Problem(StatusCodes.Status404NotFound, "Files are not served here: http.httpfs is false.")
            );
            return;
        }

        if (!RequestPath.TryParse(context.Request, Prefix, out var path))
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status400BadRequest, "The address is not a path of the tree."));
            return;
        }

        var files = users.For(context.User);
        FoundEntry? found;
        DirectoryListing? listing = null;
        try
        {
            found = await files.LocateAsync(path.Path, context.RequestAborted);
            if (found is { Entry.IsDirectory: true })
            {
                listing = await files.ListAsync(path.Path, context.RequestAborted);
            }
        }
        catch (FileSystemException e)
        {
            await Problems.SendAsync(context, new Problem(FailureStatus.Of(e.Failure), e.Message));
            return;
        }

        if (found is { Entry.IsDirectory: false })
        {
            await FileResponse.SendAsync(context, files, path.Path, found);
            return;
        }

        if (listing is null)
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status404NotFound, $"There is nothing at {path.Path.Value}."));
            return;
        }

        await DirectoryPage.SendAsync(context, path.Path, listing, Prefix);
    }
}
