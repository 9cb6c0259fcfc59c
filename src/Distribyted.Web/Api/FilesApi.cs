using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;
using Distribyted.Web.Bodies;
using Distribyted.Web.Playlists;
using Distribyted.Web.Tar;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Web.Api;

/// <summary>GET and HEAD of <c>/fs/...</c>: the same tree and the same answers as a GET at the WebDAV listener. A folder with <c>?tar</c> is one file, and what can
/// be played is a playlist with <c>?m3u</c>.</summary>
internal sealed class FilesApi(WebOptions options, IUserFileSystem users)
{
    private const string Prefix = "/fs";

    // Films, pictures and texts, which browsers show with scripts and styles of their own. Pages of torrents get a stricter one.
    private const string FilePolicy = "frame-ancestors 'self'";

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

        if (found is not null && context.Request.Query.ContainsKey("m3u"))
        {
            await SendPlaylistAsync(context, files, path.Path, found.Entry);
            return;
        }

        if (found is { Entry.IsDirectory: false })
        {
            context.Response.Headers.ContentSecurityPolicy = FilePolicy;
            await FileResponse.SendAsync(context, files, path.Path, found);
            return;
        }

        if (listing is null)
        {
            await Problems.SendAsync(context, new Problem(StatusCodes.Status404NotFound, $"There is nothing at {path.Path.Value}."));
            return;
        }

        if (context.Request.Query.ContainsKey("tar"))
        {
            await SendTarAsync(context, files, path.Path);
            return;
        }

        await DirectoryPage.SendAsync(context, path.Path, listing, context.Request.PathBase.ToUriComponent() + Prefix);
    }

    private static async Task SendPlaylistAsync(HttpContext context, IFileSystem files, VirtualPath path, FileEntry entry)
    {
        string playlist;
        try
        {
            playlist = await Playlist.OfAsync(files, path, entry, Address(context.Request), context.RequestAborted);
        }
        catch (FileSystemException e)
        {
            await Problems.SendAsync(context, new Problem(FailureStatus.Of(e.Failure), e.Message));
            return;
        }

        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName((path.IsRoot ? "files" : path.Name) + ".m3u");
        context.Response.Headers.ContentDisposition = disposition.ToString();
        await Answer.SendAsync(context, StatusCodes.Status200OK, Playlist.ContentType, Encoding.UTF8.GetBytes(playlist));
    }

    // As the client calls this machine, so that a player in the same place finds it.
    private static string Address(HttpRequest request)
    {
        return $"{request.Scheme}://{request.Host.Value}{request.PathBase.ToUriComponent()}{Prefix}";
    }

    // The folder is walked again for each request: its length and ETag are those of what it holds now, and a range of an older state is refused by If-Range.
    private static async Task SendTarAsync(HttpContext context, IFileSystem files, VirtualPath folder)
    {
        var name = folder.IsRoot ? "files" : folder.Name;
        TarLayout? layout;
        try
        {
            layout = await TarLayout.WalkAsync(files, folder, name, context.RequestAborted);
        }
        catch (FileSystemException e)
        {
            await Problems.SendAsync(context, new Problem(FailureStatus.Of(e.Failure), e.Message));
            return;
        }

        if (layout is null)
        {
            await Problems.SendAsync(
                context,
                new Problem(
                    StatusCodes.Status422UnprocessableEntity,
                    $"The folder has more than {TarLayout.MaxEntries} files. Take a smaller one."
                )
            );
            return;
        }

        var entry = new FileEntry(name + ".tar", false, layout.Length, layout.Modified, layout.Modified, layout.ETag);
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(entry.Name);
        context.Response.Headers.ContentDisposition = disposition.ToString();
        await FileResponse.SendAsync(context, files, folder, new TarFile(files, layout, entry), "application/x-tar");
    }
}
