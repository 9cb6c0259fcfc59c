using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Distribyted.WebDav.Tests;

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string Head, byte[] Body)
{
    public static readonly XNamespace Dav = "DAV:";

    public string Text => Encoding.UTF8.GetString(Body);

    public XElement Xml => XDocument.Parse(Text, LoadOptions.PreserveWhitespace).Root!;

    public XElement[] Responses => [.. Xml.Elements(Dav + "response")];

    public string[] Hrefs => [.. Responses.Select(response => response.Element(Dav + "href")!.Value)];

    public static Answer Parse(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.That(end, Is.GreaterThan(0), $"no answer: {Encoding.UTF8.GetString(bytes)}");
        var head = Encoding.UTF8.GetString(bytes, 0, end);
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        return status == 100 ? Parse(bytes[(end + 4)..]) : new Answer(status, head, bytes[(end + 4)..]);
    }

    public string? Header(string name)
    {
        return Head.Split("\r\n")
            .Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .FirstOrDefault();
    }

    /// <summary>Status and content of a property of one response; null: it is not mentioned.</summary>
    public (int Status, string Value)? Property(string local, string ns = "DAV:", int response = 0)
    {
        foreach (var propstat in Responses[response].Elements(Dav + "propstat"))
        {
            if (propstat.Element(Dav + "prop")!.Element(XName.Get(local, ns)) is { } property)
            {
                return (int.Parse(propstat.Element(Dav + "status")!.Value.Split(' ')[1], CultureInfo.InvariantCulture), property.Value);
            }
        }

        return null;
    }
}
