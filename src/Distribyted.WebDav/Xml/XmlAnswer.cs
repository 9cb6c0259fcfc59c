using System.Text;
using Distribyted.Http.Bodies;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Xml;

/// <summary>Answers with XML.</summary>
internal static class XmlAnswer
{
    /// <summary>The type of every XML body.</summary>
    public const string ContentType = "application/xml; charset=utf-8";

    /// <summary>Sends XML text. Never inside of the write gate: a client that does not read would stop all writes.</summary>
    public static Task SendAsync(HttpContext context, int status, string xml)
    {
        return WholeBody.SendAsync(context, status, ContentType, Encoding.UTF8.GetBytes(xml));
    }
}
