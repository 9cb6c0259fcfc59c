using System.Net;
using Distribyted.Platform;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Authentication;

/// <summary>Whether a request that brings no password may be taken for one of the owner's. A web page can make a browser on this machine, or in this
/// network, send requests to us under a name of its own (DNS rebinding), and a proxy on this machine speaks for others.</summary>
internal static class LocalRequest
{
    // Names under these are answered by no public name server: RFC 6761, RFC 6762, RFC 8375, ICANN resolution 2024.07.29.06, and what home routers use.
    private static readonly string[] PrivateEnds = [".localhost", ".local", ".home.arpa", ".internal", ".lan"];

    // What proxies tell of whom they speak for (RFC 7239, RFC 9110 section 7.6.3, and their habits).
    private static readonly string[] ByProxy =
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "X-Original-For", // what a trusted proxy said, once it was taken
        "Via",
    ];

    private static readonly string MachineName = Dns.GetHostName();

    /// <summary>Whether it comes from a program on this machine for itself, not from a proxy for another client.</summary>
    public static bool IsFromHere(HttpContext context)
    {
        return context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(ClientAddress.Plain(address))
            && !ByProxy.Any(context.Request.Headers.ContainsKey);
    }

    /// <summary>Whether the Host header names this machine and not a web page whose own name server pointed here.</summary>
    /// <param name="host">The header without its port; empty: there was none, which no browser does.</param>
    /// <param name="more">Further names; <c>*.example.org</c> is all below it.</param>
    public static bool NamesUs(string host, IReadOnlyList<string> more)
    {
        var name = host.TrimEnd('.');
        return name.Length == 0
            || IPAddress.TryParse(name.Trim('[', ']'), out _)
            || !name.Contains('.', StringComparison.Ordinal) // the local search list answers these: containers, machines of the local network
            || Array.Exists(PrivateEnds, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            || string.Equals(name, MachineName, StringComparison.OrdinalIgnoreCase)
            || more.Any(known => Matches(name, known));
    }

    private static bool Matches(string name, string known)
    {
        return known.StartsWith("*.", StringComparison.Ordinal)
            ? name.EndsWith(known[1..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(name, known, StringComparison.OrdinalIgnoreCase);
    }
}
