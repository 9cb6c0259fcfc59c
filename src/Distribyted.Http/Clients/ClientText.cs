using Distribyted.Platform;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Clients;

/// <summary>Who sent a request, for users: its address and what its program calls itself, at most 100 characters of it.</summary>
public static class ClientText
{
    /// <summary>As far as they are known; may be empty.</summary>
    public static string Of(HttpContext context)
    {
        var program = context.Request.Headers.UserAgent.ToString();
        var address = context.Connection.RemoteIpAddress is { } remote ? ClientAddress.Plain(remote) : null;
        return $"{address} {(program.Length > 100 ? program[..100] : program)}".Trim();
    }
}
