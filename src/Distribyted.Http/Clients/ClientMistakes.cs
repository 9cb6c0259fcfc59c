using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Clients;

/// <summary>What probably goes wrong between a client and us, told from what it last asked and got.</summary>
public static class ClientMistakes
{
    /// <summary>What is probably wrong and what to do, in one or two sentences; null: nothing.</summary>
    /// <param name="newestFirst">The last requests of one kind of client.</param>
    /// <remarks>Only the newest answered request counts, and what came with it: a refusal that was followed by success was the usual question for a password.</remarks>
    public static string? Of(IReadOnlyList<ClientRequest> newestFirst)
    {
        foreach (var request in newestFirst)
        {
            if (request.Status != 0)
            {
                return Of(request);
            }
        }

        return null;
    }

    private static string? Of(ClientRequest request)
    {
        return request.Status switch
        {
            StatusCodes.Status401Unauthorized => Unauthorized(request),
            StatusCodes.Status403Forbidden => Forbidden(request),
            StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed or StatusCodes.Status409Conflict => Missing(request),
            StatusCodes.Status400BadRequest => "It sent an address that cannot be read. Enter the address again, as it stands here.",
            StatusCodes.Status416RangeNotSatisfiable =>
                "It asked for bytes behind the end of the file: it remembers another size. Let it load the folder again, or clear its cache.",
            StatusCodes.Status421MisdirectedRequest =>
                "It used a name that this server does not know. Use an address from this page, or put the name into http.allowed_hosts.",
            StatusCodes.Status429TooManyRequests =>
                "Too many wrong passwords came from its address, so it has to wait. Correct the password in the app, then try again in a few minutes.",
            StatusCodes.Status507InsufficientStorage => "The disk of this server is full.",
            >= 500 => "This server could not answer. The log says why.",
            _ => null,
        };
    }

    private static string Unauthorized(ClientRequest request)
    {
        return (request.HasCredentials, request.Kind) switch
        {
            (true, _) => "It sent a user name or a password that is wrong here. Enter both again; capital letters matter.",
            (false, ClientKind.WindowsExplorer) =>
                "Windows did not send the password. Over http it does so only when BasicAuthLevel is 2 in its registry: open the .reg file from this page, then restart the service WebClient.",
            _ => "It did not send a user name and a password. Enter them in its settings for this server.",
        };
    }

    private static string Forbidden(ClientRequest request)
    {
        if (request.User is null)
        {
            return "Signing in is allowed over https only here. Use an address that begins with https.";
        }

        return IsWrite(request.Method)
            ? $"The user {request.User} may not change this: it may only see and play, or the place is inside a torrent."
            : $"The user {request.User} may not see this.";
    }

    private static string? Missing(ClientRequest request)
    {
        if (request.Target.Contains("%25", StringComparison.Ordinal))
        {
            return "It encoded the address twice (%25 instead of %). Enter the address without any % yourself, and let the app do it.";
        }

        if (request.Listener == "web")
        {
            return IsDav(request.Method)
                ? "It speaks WebDAV to the port of these pages. Use the WebDAV address from this page, which has another port."
                : null;
        }

        return
            request.Target.StartsWith("/fs", StringComparison.Ordinal)
            || request.Target.StartsWith("/dav", StringComparison.OrdinalIgnoreCase)
            || request.Target.StartsWith("/webdav", StringComparison.OrdinalIgnoreCase)
            || request.Target.StartsWith("/remote.php", StringComparison.OrdinalIgnoreCase)
            ? "It asked below a folder that is not here. Leave the path empty, or enter / only: the folders begin right at the WebDAV address."
            : null; // programs ask for all kinds of files that may exist
    }

    private static bool IsWrite(string method)
    {
        return method is "PUT" or "DELETE" or "MKCOL" or "MOVE" or "COPY" or "PROPPATCH" or "LOCK" or "UNLOCK" or "POST";
    }

    private static bool IsDav(string method)
    {
        return method is "PROPFIND" or "OPTIONS" or "MKCOL" or "MOVE" or "COPY" or "PROPPATCH" or "LOCK" or "UNLOCK";
    }
}
