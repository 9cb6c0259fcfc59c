using System.Text;
using Distribyted.WebDav.Locks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Distribyted.WebDav.Xml;

/// <summary>A multistatus that says which members stopped a write (RFC 4918 section 13).</summary>
internal static class StatusList
{
    /// <summary>The text of a 207: members are locked, and nothing was changed.</summary>
    /// <param name="blocking">The locks that are in the way.</param>
    /// <param name="requested">Escaped path that failed because of them (424); null: it is not listed.</param>
    public static string Locked(IReadOnlyList<DavLock> blocking, string? requested)
    {
        var text = new StringBuilder(XmlText.MultiStatusStart);
        foreach (var held in blocking)
        {
            Append(text, held.RootHref, StatusCodes.Status423Locked, "lock-token-submitted");
        }

        if (requested is not null)
        {
            Append(text, requested, StatusCodes.Status424FailedDependency, null);
        }

        return text.Append("</D:multistatus>\n").ToString();
    }

    /// <summary>A status element.</summary>
    public static string Status(int status)
    {
        return $"<D:status>HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}</D:status>";
    }

    private static void Append(StringBuilder text, string href, int status, string? condition)
    {
        var escaped = XmlText.Escape(href);
        text.Append("<D:response><D:href>").Append(escaped).Append("</D:href>").Append(Status(status));
        if (condition is not null)
        {
            text.Append($"<D:error><D:{condition}><D:href>{escaped}</D:href></D:{condition}></D:error>");
        }

        text.Append("</D:response>");
    }
}
