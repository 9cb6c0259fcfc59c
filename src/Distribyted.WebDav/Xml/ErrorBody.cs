using System.Text;
using Distribyted.WebDav.Errors;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Xml;

/// <summary>The body of a refusal (RFC 4918 section 16): a condition element for programs, a sentence for users.</summary>
internal static class ErrorBody
{
    private const string ReasonNamespace = "urn:distribyted:reason";

    /// <summary>Sends the answer.</summary>
    public static Task SendAsync(HttpContext context, WebDavException refusal)
    {
        var response = context.Response;
        var (allow, retryAfter) = (response.Headers.Allow, response.Headers.RetryAfter);
        response.Clear();
        response.Headers.Allow = allow; // none is none again
        response.Headers.RetryAfter = retryAfter;
        return XmlAnswer.SendAsync(context, refusal.Status, Format(refusal));
    }

    private static string Format(WebDavException refusal)
    {
        var text = new StringBuilder(XmlText.Declaration + "<D:error xmlns:D=\"DAV:\">");
        if (refusal.Condition is { } condition)
        {
            text.Append("<D:").Append(condition).Append('>');
            foreach (var href in refusal.Hrefs)
            {
                text.Append("<D:href>").Append(XmlText.Escape(href)).Append("</D:href>");
            }

            text.Append("</D:").Append(condition).Append('>');
        }

        return text.Append("<R:reason xmlns:R=\"")
            .Append(ReasonNamespace)
            .Append("\">")
            .Append(XmlText.Escape(refusal.Message))
            .Append("</R:reason></D:error>\n")
            .ToString();
    }
}
